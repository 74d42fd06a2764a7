// What HTML, CSS and htmx cannot do. Everything here is an extra: Parley works without it.
const id = (name) => document.getElementById(name);
const on = (event, act) => document.addEventListener(event, act);
// Enter sends, Shift+Enter is a new line; not while an input method composes, not by touch.
on("keydown", (event) => {
  if (event.key != "Enter" || event.shiftKey || event.isComposing || event.keyCode == 229) return;
  if (event.target.name != "text" || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
// What stands in the composer: files picked, pasted or dropped are said; words bring their key.
function fill({ text, key, files = [] }) {
  const form = id("composer"), all = new DataTransfer();
  for (const file of files) all.items.add(file);
  form.files.files = all.files;
  form.querySelector("output").textContent = [...files].map((file) => file.name).join(", ");
  if (key) [form.text.value, form.key.value] = [text, key];
}
on("change", ({ target }) => target.name == "files" && fill({ files: [...target.files] }));
on("click", ({ target }) => target.closest(".chosen button") && fill({}));
for (const way of ["paste", "dragover", "drop"]) on(way, (event) => {
  const { files, types } = event.clipboardData ?? event.dataTransfer;
  if (!id("composer") || !types.includes("Files") || types.includes("text/plain")) return;
  event.preventDefault();
  if (way != "dragover") fill({ files: [...id("composer").files.files, ...files] });
});
// The box is free while a message is on its way; with its own key the next one is no resend.
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
on("htmx:config:request", ({ target: form, detail: { ctx } }) => {
  // What a hidden tab has, or what stands below where somebody reads, is not read yet.
  const reads = !document.hidden && !(id("scroll")?.scrollTop < -99);
  if (form.id == "side" && !reads) ctx.request.body.delete("seen");
  if (form.matches?.("form.composer")) form.querySelector(".problem").textContent = "";
  if (form.id != "composer") return;
  ctx.sent = { text: form.text.value, key: form.key.value, files: form.files.files };
  if (form.files.value) ctx.fetch = upload;
  fill({ text: "", key: newKey() });
});
// Refused, or no answer of ours: it comes back once the box is empty, with its key, so not twice.
const NOT_SENT = "Not sent: no good answer from the server. Try again.", unsent = [];
const comeBack = () => {
  const { text, files } = id("composer");
  if (!unsent.length || text.value || files.value) return;
  fill(unsent.shift());
  id("problem").textContent ||= NOT_SENT;
};
on("input", ({ target }) => target.id == "text" && comeBack());
on("htmx:finally:request", ({ target: form, detail: { ctx: { sent, response, text, hx } } }) => {
  const problem = form.matches?.("form.composer") && form.querySelector(".problem");
  if (!problem) return;
  if (hx?.trigger != "posted") problem.textContent ||= text?.match(/^\w/) ? text : NOT_SENT;
  if (hx?.trigger != "posted" && sent)
    unsent.push(response?.status == 409 ? { ...sent, key: newKey() } : sent);
  comeBack();
  for (const { text, files } of unsent) problem.textContent = `Not sent: ${text || files[0].name}`;
});
// A real percentage: fetch does not tell how much has gone up, XMLHttpRequest does.
const upload = (url, { method, headers, body }) => new Promise((answer, fail) => {
  const [bar, words] = document.querySelectorAll(".sending > *"), call = new XMLHttpRequest();
  call.upload.onprogress = ({ loaded, total }) => {
    bar.value = Math.round((100 * loaded) / total);
    words.textContent = `${bar.value} % of ${(total / 1e6).toFixed(1)} MB`;
  };
  call.onload = () => answer(new Response(call.response, { status: call.status, headers:
    call.getAllResponseHeaders().trim().split("\r\n").map((line) => line.split(": ")) }));
  call.onerror = () => fail(new TypeError("no answer"));
  call.open(method, url);
  for (const header of Object.entries(headers)) call.setRequestHeader(...header);
  call.send(body);
});
// A menu or photo that has just arrived opens itself: HTML cannot open what a link has loaded.
on("htmx:after:swap", ({ detail: { ctx: { target, sourceElement: source } } }) => {
  const layer = id(target?.id);
  if (layer?.popover) layer.showPopover({ source });
  else layer?.showModal?.();
});
// execCommand, since the clipboard's own interface is there only behind https.
on("click", (event) => {
  const act = event.target.closest(".copy");
  act?.closest(".card, li").querySelector("input").select();
  if (!act || !document.execCommand("copy")) return;
  event.preventDefault(); act.lastChild.textContent = "Copied";
});
// At its very end a list sticks there: what is newer and loads below must not push what is read.
on("htmx:before:swap", ({ target }) => {
  const last = target.closest?.(".newer")?.previousElementSibling;
  const top = () => last.getBoundingClientRect().top, before = last && top();
  if (last) queueMicrotask(() => { id("scroll").scrollTop += top() - before; });
});
// One key presses what names it where nobody types, and ArrowUp in the empty box of a room.
on("keydown", (event) => {
  const typing = "input, textarea, select, dialog, dialog *", empty = "#text:placeholder-shown";
  const free = event.target.matches(event.key == "ArrowUp" ? empty : `:not(${typing})`);
  const act = free && document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault(); act.click();
});
