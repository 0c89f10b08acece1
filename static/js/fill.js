/* Fills the [variables] of a template by the same rules as guide/variables.py; both are tested on
   tests/guide/variables_cases.json. */

const TOKEN = /\\([[\]])|\[([A-Za-z][A-Za-z0-9 _-]{0,40})\](?![([])/g;
const LINE = /[^\n]*\n|[^\n]+/g;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})/;

const bare = (line) => line.replace(/[\r\n]+$/, "");

function markAfter(line, mark) {
  const fence = FENCE.exec(bare(line));
  if (!mark) return fence ? fence[1] : "";
  const run = line.trim();
  const closes = fence && run === mark[0].repeat(run.length) && run.length >= mark.length;
  return closes ? "" : mark;
}

function* parts(template) {
  if (!template.includes("```") && !template.includes("~~~")) {
    yield [template, false];
    return;
  }
  let mark = "";
  for (const line of template.match(LINE) ?? []) {
    yield [line, Boolean(mark) || FENCE.test(bare(line))];
    mark = markAfter(line, mark);
  }
}

/* The template as a row of {text} and {name} pieces, in order. */
export function pieces(template) {
  const row = [];
  for (const [text, isCode] of parts(template)) {
    let position = 0;
    for (const match of isCode ? [] : text.matchAll(TOKEN)) {
      row.push({ text: text.slice(position, match.index) });
      row.push(match[2] ? { name: match[2] } : { text: match[1] });
      position = match.index + match[0].length;
    }
    row.push({ text: text.slice(position) });
  }
  return row;
}

export function find(template) {
  return [...new Set(pieces(template).flatMap((piece) => (piece.name ? [piece.name] : [])))];
}

/* Every variable replaced by its value; one without a value stays; a value is never filled again. */
export function fill(template, values) {
  return pieces(template)
    .map(({ text, name }) => (name ? (Object.hasOwn(values, name) ? values[name] : `[${name}]`) : text))
    .join("");
}
