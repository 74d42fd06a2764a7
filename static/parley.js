// What HTML, CSS and htmx cannot do. Everything here is an extra: Parley works without it.
const id = (name) => document.getElementById(name);
const on = (event, act) => document.addEventListener(event, act);
const composer = (element) => element?.closest?.("form.composer");

// Enter sends, Shift+Enter is a new line; not while an input method composes, not by touch.
on("keydown", (event) => {
  if (event.key != "Enter" || event.shiftKey || event.isComposing) return;
  if (event.target.name != "text" || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// The box is free for the next message while the last one is on its way. Each submission has a
// key of its own: a second one, queued before the first is answered, must not look like a resend.
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
on("htmx:config:request", ({ target: form, detail: { ctx } }) => {
  if (form.id != "composer") return;
  ctx.sent = { text: form.text.value, key: form.key.value, files: form.files.files };
  form.text.value = "";
  form.key.value = newKey();
  choose(form, []);
});

// Refused, or no answer: give back what was typed and chosen, with its key, so that sending it
// again cannot double it.
const giveBack = ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  if (form.tagName != "FORM" || !composer(form)) return;
  if (ctx.sent) {
    form.text.value = ctx.sent.text + (form.text.value && "\n" + form.text.value);
    form.key.value = ctx.sent.key;
    if (ctx.sent.files.length) choose(form, ctx.sent.files);
  }
  const problem = form.querySelector(".problem");
  if (!ctx.response) problem.textContent = "Not sent: the server cannot be reached. Try again.";
  else if (!ctx.text?.includes("problem")) problem.textContent = "Not sent. Try again.";
};
on("htmx:response:error", giveBack);
on("htmx:error", giveBack);

// What is chosen is said, whether picked, pasted or dropped; too much is said before it is sent.
const MOST = 16 * 1024 * 1024;
function choose(form, files) {
  const all = new DataTransfer();
  for (const file of files) all.items.add(file);
  form.files.files = all.files;
  const names = [...files].map((file) => file.name);
  const large = [...files].find((file) => file.size > MOST);
  form.querySelector(".chosen").hidden = !names.length;
  form.querySelector(".chosen output").textContent = names.join(", ");
  form.querySelector(".problem").textContent = large
    ? `${large.name} is ${(large.size / 1e6).toFixed(1)} MB; 16 MB is the most.` : "";
}
on("change", ({ target }) => target.name == "files" && choose(target.form, [...target.files]));
on("click", ({ target }) => target.closest(".chosen button") && choose(composer(target), []));
const take = (event, files) => {
  const form = id("composer");
  if (!form || !files?.length) return;
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
      bar.hidden = false;
      bar.firstElementChild.value = (100 * loaded) / total;
      bar.lastElementChild.textContent = `${Math.round((100 * loaded) / total)} % of ${
        (total / 1e6).toFixed(1)} MB`;
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
  if (layer?.tagName == "DIALOG") layer.showModal();
});

// execCommand, since the clipboard's own interface is there only behind https.
on("click", ({ target }) => {
  target.closest(".copy")?.closest(".card").querySelector("input").select();
  if (target.closest(".copy")) document.execCommand("copy");
});
