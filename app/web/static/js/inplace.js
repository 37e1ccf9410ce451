// A name edited where it stands: Enter saves, Escape leaves it.

/** `save(value)` returns a promise; while it fails, the text stays in the field. */
export function editInPlace(element, { value, label, placeholder = "", maxLength = 200, save }) {
  if (element.hidden) return;
  const input = document.createElement("input");
  input.className = "in-place";
  input.value = value;
  input.placeholder = placeholder;
  input.maxLength = maxLength;
  input.autocomplete = "off";
  input.setAttribute("aria-label", label);
  input.title = "Enter saves, Esc leaves it as it is";
  let finished = false;
  const finish = () => {
    finished = true;
    input.remove();
    element.hidden = false;
  };
  const store = async () => {
    const text = input.value.split(/\s+/).filter(Boolean).join(" ");
    if (finished || input.readOnly) return;
    if (text === value) return finish();
    input.readOnly = true;
    const kept = await save(text);
    input.readOnly = false;
    if (kept) finish();
  };
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && !event.isComposing) store();
    if (event.key === "Escape") {
      finish();
      element.focus();
    }
  });
  input.addEventListener("blur", () => store());
  element.hidden = true;
  element.after(input);
  input.focus();
  input.select();
}
