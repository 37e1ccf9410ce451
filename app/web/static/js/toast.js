// Short messages at the foot of the page, with at most one thing to do about them.

const SHOWN_FOR = 7000;

export function toast(text, { action = "", run = null, bad = false } = {}) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = bad ? "toast bad" : "toast";
  const words = document.createElement("span");
  words.textContent = text;
  item.append(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action;
    button.addEventListener("click", () => {
      item.remove();
      run();
    });
    item.append(button);
  }
  while (box.children.length > 2) box.firstElementChild.remove();
  box.append(item);
  let timer = setTimeout(() => item.remove(), SHOWN_FOR);
  item.addEventListener("pointerenter", () => clearTimeout(timer));
  item.addEventListener("pointerleave", () => (timer = setTimeout(() => item.remove(), SHOWN_FOR)));
  return item;
}
