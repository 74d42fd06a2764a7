// What HTML, CSS and htmx cannot do. Everything here is an extra: Parley works without it.
const on = document.addEventListener.bind(document), id = document.getElementById.bind(document);
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
// A file goes up by itself, and once, when picked, pasted or dropped; a post names it by its key.
const take = (files) => [...files].forEach((file) => {
  const one = id("upload").content.firstElementChild.cloneNode(true), [key, name] = one.children;
  name.append(file.name); [one.file, key.value] = [file, one.lastElementChild.value = newKey()];
  id("tray").append(one); htmx.process(one); one.scrollIntoView({ block: "nearest" });
});
on("change", ({ target: it }) => it.name == "files" && take([...it.files], it.value = ""));
for (const way of ["paste", "dragover", "drop"]) on(way, (event) => {
  const { files, types } = event.clipboardData ?? event.dataTransfer;
  if (!id("upload") || !types.includes("Files") || types.includes("text/plain")) return;
  event.preventDefault(); if (way != "dragover") take(files);
});
on("click", ({ target: { name, parentNode: it } }) => name == "cancel" && (it.stop(), it.remove()));
// Until a message has gone its tray stands beside the box, free for the next; its draft is kept.
const fill = ({ text, key, tray }) => (id("tray").replaceWith(tray), tray.id = "tray",
  [id("text").value, id("key").value] = [text, key]);
on("htmx:config:request", ({ target: form, detail: { ctx } }) => {
  const { abort, body } = ctx.request, reads = !document.hidden && !(id("scroll")?.scrollTop < -99);
  if (form.id == "side" && !reads) body.delete("seen");  // a hidden tab; what is below the reader
  if (form.file) [ctx.fetch, form.stop, form.children[2].textContent] = [upload(form), abort, ""];
  if (form.id != "composer") return form.matches(".tray ~ form #text:placeholder-shown") && abort();
  ctx.sent = { text: form.text.value, key: form.key.value, tray: id("tray") };
  fill({ text: "", key: newKey(), tray: ctx.sent.tray.cloneNode() });
  form.before(ctx.sent.tray); ctx.sent.tray.id = ""; id("replying").disabled = true;
});
// Refused, or no answer of ours: it comes back once the box is empty, with its key, so not twice.
const NOT_SENT = "Not sent: no good answer from the server. Try again.", unsent = [];
const comeBack = () => unsent[0] && !id("text").value && !id("tray").firstElementChild &&
  (fill(unsent.shift()), id("problem").textContent ||= NOT_SENT); on("input", comeBack);
on("htmx:finally:request", ({ target: form, detail: { ctx: { sent, response, text, hx } } }) => {
  const problem = form.querySelector?.(":scope > .problem"), other = response?.status == 409;
  const lost = !hx?.reswap && hx?.trigger != "posted", told = !form.file && /problem"/.test(text);
  if (problem && lost && !told) problem.textContent = text?.match(/^[^<]/) ? text : NOT_SENT;
  if (sent) lost ? unsent.push({ ...sent, key: other ? newKey() : sent.key }) : sent.tray.remove();
  comeBack(); if (sent && unsent[0]) problem.textContent = `Not sent: ${unsent[0].text || "files"}`;
});
// A real percentage: fetch does not tell how much has gone up, XMLHttpRequest does.
const upload = (one) => (url, { method, headers, body, signal }) => new Promise((answer, fail) => {
  const [key, , , bar, words] = one.children, call = new XMLHttpRequest();
  signal.throwIfAborted(); signal.onabort = () => bar.value < 100 && call.abort();  // else too late
  call.upload.onprogress = ({ loaded, total }) => words.textContent =
    `${bar.value = Math.round((100 * loaded) / total)} % of ${(total / 1e6).toFixed(1)} MB`;
  call.onload = () => answer(new Response(call.response, { status: call.status, headers:
    call.getAllResponseHeaders().trim().split("\r\n").map((line) => line.split(": ", 2)) }));
  call.onerror = call.onabort = () => fail(signal.reason ?? new TypeError("no answer"));
  call.open(method, url); for (const it of Object.entries(headers)) call.setRequestHeader(...it);
  body.set("key", key.value); body.set("file", one.file); call.send(body);
});
// Who leaves would cut an upload, and take a message along that waits for it: they are asked.
addEventListener("beforeunload", (it) => document.querySelector(".upload") && it.preventDefault());
// A menu or photo that has just arrived opens itself: HTML cannot open what a link has loaded.
on("htmx:after:swap", ({ detail: { ctx: { target, sourceElement: source, request } } }) => {
  const layer = id(target?.id); if (/reply_to=[1-9]/.test(request?.action)) id("text").focus();
  layer?.popover ? layer.showPopover({ source }) : layer?.showModal?.();
  if (id("viewer")?.open && large(request.action))
    history[large() ? "replaceState" : "pushState"](null, "", request.action);
});
// execCommand, since the clipboard's own interface is there only behind https.
on("click", ({ target }, act = target.closest(".copy")) => act
  && (act.closest(".card, li").querySelector("input").select(), document.execCommand("copy"))
  && (act.lastChild.textContent = "Copied"));
// A click that asks for another tab or window is the browser's: htmx 4 would swallow it.
on("click", (it) => (it.ctrlKey || it.metaKey || it.shiftKey) && it.stopPropagation(), true);
// A key presses what names it: Enter and ArrowUp where one writes, others where nobody types.
on("keydown", (event) => {
  const { key, target, ctrlKey, metaKey, altKey, shiftKey } = event, coarse = "(pointer: coarse)";
  const free = ":not(input:not(.hidden), textarea, select, .whole, video, audio)";
  const box = document.querySelector("dialog[open]") ?? target.form ?? document;
  const where = { Enter: "[name=text]", ArrowUp: "#text:placeholder-shown" }[key] ?? free;
  const act = target.matches(where) && box.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const composes = event.isComposing || event.keyCode == 229;  // an input method, not the writer
  const no = key == "Enter" ? shiftKey || matchMedia(coarse).matches : ctrlKey || metaKey || altKey;
  if (act && !no && !composes) { event.preventDefault(); window.htmx?.process(act); act.click(); }
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
// The large view has an address: "back" closes it, "forward" opens it; closed, no film plays on.
const large = (path = location.href) => /\/files\/\d+(\?|$)/.test(path);
addEventListener("close", ({ target }) => large(target.replaceChildren()) && history.back(), true);
addEventListener("popstate", () => !id("viewer")?.close ? id("viewer") && location.reload()
  : large() ? htmx.ajax("GET", location.href, "#viewer") : id("viewer").close());
