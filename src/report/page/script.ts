/**
 * Gives each table a button that copies it, tabs between cells, for a spreadsheet. Without the script
 * there is no button. Spaces between thousands are left out.
 */
export const script = `
for (const figure of document.querySelectorAll("figure.table")) {
  const table = figure.querySelector("table");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.setAttribute("aria-label", "copy this table");
  const say = (text) => {
    button.textContent = text;
    setTimeout(() => (button.textContent = "copy"), 2000);
  };
  button.addEventListener("click", async () => {
    const rows = [...table.rows].map((row) =>
      [...row.cells].flatMap((cell) => [
        cell.textContent.replace(/(?<=\\d)\\u202f(?=\\d)/g, ""),
        ...Array(cell.colSpan - 1).fill(""),
      ]).join("\\t"));
    try {
      await navigator.clipboard.writeText(rows.join("\\n") + "\\n");
      say("copied");
    } catch {
      getSelection().selectAllChildren(table);
      say(document.execCommand("copy") ? "copied" : "selected");
    }
  });
  figure.querySelector("h3").append(" ", button);
}
`;
