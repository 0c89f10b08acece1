/* A link to a page with the reader's values and settings in its fragment, which no server ever sees. */

/* What the fragment carries: {values, settings}; both empty when it is an ordinary anchor. */
export function readFragment(hash = location.hash) {
  const values = {};
  const settings = {};
  if (!hash.includes("=")) return { values, settings };
  for (const [name, value] of new URLSearchParams(hash.slice(1))) {
    if (name.startsWith("v.")) values[name.slice(2)] = value.slice(0, 4000);
    else settings[name] = value.slice(0, 200);
  }
  return { values, settings };
}

export function linkWith(values, settings) {
  const carried = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) carried.append(`v.${name}`, value);
  for (const [name, value] of settings) carried.append(name, value);
  const address = new URL(location.href);
  address.hash = carried.toString();
  return address.href;
}
