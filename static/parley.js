// What HTML, CSS and htmx cannot do. Everything here is an extra: Parley works without it.
const id = (name) => document.getElementById(name);
const on = (event, act) => document.addEventListener(event, act);
const composer = (element) => element?.closest?.("form.composer");

// Enter sends, Shift+Enter is a new line; not while an input method composes, not by touch.
on("keydown", (event) => {
  if (event.key != "Enter" || event.shiftKey || event.isComposing || event.keyCode == 229) return;
  if (event.target.name != "text" || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// The box is free while a message is on its way; with its own key the next one is no resend.
const NOT_SENT = "Not sent: no good answer from the server. Try again.";
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
on("htmx:config:request", ({ target: form, detail: { ctx } }) => {
  // What a hidden tab has, or what stands below where somebody reads, is not read yet.
  if (document.hidden || id("scroll")?.scrollTop < -99) ctx.request.body.delete("seen");
  if (form.id != "composer") return;
  ctx.sent = { text: form.text.value, key: form.key.value, files: form.files.files };
  [form.text.value, form.key.value] = ["", newKey()];
  choose(form, []);
});

// Refused, or no answer of ours: what was typed and chosen comes back, once the box is empty, with
// its key, so that sending it again cannot double it.
const unsent = [];
const comeBack = (why) => {
  const form = id("composer");
  if (!unsent.length || form.text.value || form.files.value) return;
  const { text, key, files } = unsent.shift();
  [form.text.value, form.key.value] = [text, key];
  choose(form, files, why || NOT_SENT);
};
on("input", ({ target }) => target.id == "text" && comeBack());
on("htmx:finally:request", ({ target: form, detail: { ctx: { sent, response, text, hx } } }) => {
  if (!form.matches?.("form.composer")) return;
  const problem = form.querySelector(".problem");
  if (hx?.trigger != "posted") {
    const plain = response?.headers.get("content-type")?.startsWith("text/plain");
    if (!text?.includes("problem")) problem.textContent = plain ? text : NOT_SENT;
    if (sent) unsent.push(response?.status == 409 ? { ...sent, key: newKey() } : sent);
  }
  comeBack(problem.textContent);
  for (const { text, files } of unsent) problem.textContent = `Not sent: ${text || files[0].name}`;
});

// What is chosen is said, whether picked, pasted or dropped.
function choose(form, files, why = "") {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  form.files.files = all.files;
  form.querySelector(".chosen").hidden = !files.length;
  form.querySelector("output").textContent = [...files].map((file) => file.name).join(", ");
  form.querySelector(".problem").textContent = why;
}
on("change", ({ target }) => target.name == "files" && choose(target.form, [...target.files]));
on("click", ({ target }) => target.closest(".chosen button") && choose(composer(target), []));
const take = (event, files) => {
  const form = id("composer");
  if (!form || !files?.length || event.clipboardData?.getData("text")) return;
  event.preventDefault();
  choose(form, [...form.files.files, ...files]);
};
on("paste", (event) => composer(event.target) && take(event, event.clipboardData.files));
on("dragover", (event) => id("composer") && event.preventDefault());
on("drop", (event) => take(event, event.dataTransfer.files));

// A real percentage: fetch does not tell how much has gone up, XMLHttpRequest does.
on("htmx:before:request", ({ target: form, detail: { ctx } }) => {
  const bar = form.querySelector?.(".sending");
  if (!bar || !ctx.sent?.files.length) return;
  ctx.fetch = (url, { method, headers, body }) => new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, url);
    for (const name in headers) call.setRequestHeader(name, headers[name]);
    call.upload.onprogress = ({ loaded, total }) => {
      const percent = Math.round((100 * loaded) / total);
      [bar.hidden, bar.firstElementChild.value] = [false, percent];
      bar.lastElementChild.textContent = `${percent} % of ${(total / 1e6).toFixed(1)} MB`;
    };
    call.onloadend = () => { bar.hidden = true; };
    call.onload = () => resolve(new Response(call.response, { status: call.status, headers:
      call.getAllResponseHeaders().trim().split("\r\n").map((line) => line.split(": ")) }));
    call.onerror = () => reject(new TypeError("no answer"));
    call.send(body);
  });
});

// A menu or photo that has just arrived opens itself: HTML cannot open what a link has loaded.
on("htmx:after:swap", ({ detail: { ctx } }) => {
  const layer = id(ctx.target?.id);
  if (layer?.popover) layer.showPopover({ source: ctx.sourceElement });
  else layer?.showModal?.();
});

// execCommand, since the clipboard's own interface is there only behind https.
const copy = (card) => { card.querySelector("input").select(); document.execCommand("copy"); };
on("click", ({ target }) => target.closest(".copy") && copy(target.closest(".card")));
// Who comes in reads times in the zone of their browser.
const zone = document.querySelector("[type=hidden][name=zone]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

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
