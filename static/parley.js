// What HTML, CSS and htmx cannot do. Everything here is an extra: Parley works without it.
const id = (name) => document.getElementById(name);
const on = (event, act) => document.addEventListener(event, act);
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
  fill(unsent.shift()); id("problem").textContent ||= NOT_SENT;
};
on("input", ({ target }) => target.id == "text" && comeBack());
on("htmx:finally:request", ({ target: form, detail: { ctx: { sent, response, text, hx } } }) => {
  const problem = form.matches?.("form.composer") && form.querySelector(".problem");
  const lost = hx?.trigger != "posted", key = response?.status == 409 ? newKey() : sent?.key;
  if (!problem) return;
  if (lost && !/problem/.test(text)) problem.textContent = text?.match(/^\w/) ? text : NOT_SENT;
  if (lost && sent) unsent.push({ ...sent, key });
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
  layer?.popover ? layer.showPopover({ source }) : layer?.showModal?.();
});
// execCommand, since the clipboard's own interface is there only behind https.
on("click", ({ target }) => {
  const act = target.closest(".copy");
  act?.closest(".card, li").querySelector("input").select();
  if (act && document.execCommand("copy")) act.lastChild.textContent = "Copied";
});
// A key presses what names it: Enter and ArrowUp where one writes, others where nobody types.
on("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event, coarse = "(pointer: coarse)";
  const free = ":not(input:not(.hidden), textarea, select, .stage)";
  const box = document.querySelector("dialog[open]") ?? target.form ?? document;
  const where = { Enter: "[name=text]", ArrowUp: "#text:placeholder-shown" }[key] ?? free;
  const act = target.matches(where) && box.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const composes = event.isComposing || event.keyCode == 229;  // an input method, not the writer
  const no = key == "Enter" ? shiftKey || matchMedia(coarse).matches : ctrlKey || metaKey || altKey;
  if (act && !no && !composes) { event.preventDefault(); act.click(); }
});
// Names after "@", narrowed by the server as one types. Captured, or Enter would send at once.
["input", "keydown", "mousedown", "focusin"].map((type) => addEventListener(type, (event) => {
  const { key, target } = event, box = document.activeElement, list = id("names");
  const all = [...(list?.children ?? [])], lit = all.findIndex((it) => it.ariaSelected == "true");
  const from = box.value?.slice(0, box.selectionStart).search(/(?<!\w)@(?! )[^\n@]{0,40}$/);
  if (!list || box.name != "text" || (key && (event.isComposing || !all[0] || from < 0))) return;
  const to = { ArrowDown: all[(lit + 1) % all.length], ArrowUp: all.at(Math.max(lit, 0) - 1) }[key];
  const name = target.closest("#names li") ?? (/^(Enter|Tab)$/.test(key) && all[lit]);
  if (to || name || key == "Escape") { event.preventDefault(); event.stopPropagation(); }
  else if (key && key != "Enter") return;
  if (name) box.setRangeText(`@${name.dataset.name} `, from, box.selectionStart, "end");
  for (const one of all) one.ariaSelected = one == to;
  box.setAttribute("aria-activedescendant", to?.id ?? "");
  id("at").value = box.value.slice(from + 1, box.selectionStart);
  if (!to) type == "input" && from >= 0 ? htmx.trigger("#at", "ask") : list.replaceChildren();
}, true));
// Who comes in reads times in the zone of their browser.
id("browser-zone")?.setAttribute("value", Intl.DateTimeFormat().resolvedOptions().timeZone);
// The large view has an address of its own: "back" closes it, "forward" opens it again.
const large = (path = location.href) => /\/files\/\d+(\?|$)/.test(path);
on("htmx:after:swap", ({ detail: { ctx: { request: { action } } } }) => id("viewer")?.open
  && large(action) && history[large() ? "replaceState" : "pushState"](null, "", action));
addEventListener("close", ({ target }) => large(target.replaceChildren()) && history.back(), true);
addEventListener("popstate", () => !id("viewer")?.close ? id("viewer") && location.reload()
  : large() ? htmx.ajax("GET", location.href, "#viewer") : id("viewer").close());
