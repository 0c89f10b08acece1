/* "Open in …" follows what is filled in; where a site takes no address, the text is copied for it. */
import { copyFrom } from "./copy.js";

export function openIn(panel) {
  const update = () => {
    for (const link of document.querySelectorAll("[data-open-in]")) {
      link.href = link.dataset.openIn + encodeURIComponent(panel.filled());
    }
  };
  panel.root.addEventListener("filled", update);
  for (const button of document.querySelectorAll("[data-copy-for]")) {
    button.addEventListener("click", () => copyFrom(button, panel.filled(), "Copied, paste it there"));
  }
  update();
}
