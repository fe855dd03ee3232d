// The widget of cell.Uploader. It asks the Jupyter server behind the page, and no kernel.
// What comes from files or from the server is set as text, never as HTML.

const atOnce = 3; // photos on their way at a time
const shownNames = 20;

const look = `
:host { display: block; max-width: 44em; margin: .4em 0; font: 14px/1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  color: var(--jp-ui-font-color1, #222) }
.drop { padding: 1em; border: 2px dashed var(--jp-border-color1, #999); border-radius: 6px; text-align: center }
.drop.over { border-color: var(--jp-brand-color1, #1976d2); background: var(--jp-layout-color2, #eee) }
button { font: inherit; color: inherit; background: var(--jp-layout-color2, #eee); border: 1px solid var(--jp-ui-font-color2, #666);
  border-radius: 4px; padding: .3em 1em; cursor: pointer }
button:hover { background: var(--jp-layout-color3, #ddd) }
button:focus-visible { outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 2px }
p { margin: .4em 0 }
.choose { margin-right: .5em }
.takes { margin-bottom: 0 }
ul { list-style: none; margin: .6em 0; padding: 0 }
li { display: flex; align-items: center; gap: .8em; margin: .4em 0 }
canvas { flex: none; width: 64px; height: 48px; border-radius: 4px; background: var(--jp-layout-color2, #eee) }
li > div { flex: 1; min-width: 0; overflow-wrap: anywhere }
progress { display: block; width: 100%; accent-color: var(--jp-brand-color1, #1976d2) }
li p { margin: 0 }
[hidden] { display: none }`;

const page = `<div class="drop" role="group" aria-label="Photo upload"><button type="button" class="choose">Choose photos …</button> or drop them here
<input type="file" multiple hidden><p class="takes"></p></div>
<p class="status" role="status"></p><ul aria-label="Chosen photos"></ul><p class="there"></p>`;

const item = `<canvas width="128" height="96" aria-hidden="true"></canvas>
<div><b></b><progress max="1" value="0"></progress><p></p></div><button type="button" hidden>Retry</button>`;

// start brings the widget with an id to life wherever the page shows it, which may be twice.
function start(id) {
  for (const host of document.querySelectorAll(`[data-upload="${id}"]`)) {
    if (!host.shadowRoot) show(host);
  }
}

async function show(host) {
  const config = document.getElementById("jupyter-config-data");
  if (!config) { // VS Code, an exported page: the sentence in the HTML is all there is to say
    host.querySelector("[data-again]").remove();
    return;
  }
  const server = JSON.parse(config.textContent);
  const root = host.attachShadow({ mode: "open" });
  root.innerHTML = `<style>${look}</style><slot></slot><p class="status" role="status"></p><button type="button" hidden>Retry</button>`;
  // The notebook's own keys (Enter edits a cell, d d deletes it) are not meant for what has the focus here.
  host.setAttribute("data-lm-suppress-shortcuts", "");
  const [slot, status, retry] = root.querySelectorAll("slot, p, button");
  const begin = async () => {
    retry.hidden = true;
    status.textContent = "";
    try {
      const folder = await notebookFolder(server, host.dataset.kernel);
      if (folder === null) { // the sentence in the HTML says what to do
        status.textContent = "The kernel that showed this is not running any more.";
        return;
      }
      for (const element of [slot, status, retry]) element.remove();
      upload(server, root, [...folder, "uploads"], host.dataset);
    } catch (problem) {
      status.textContent = problem.message;
      retry.hidden = false;
    }
  };
  retry.addEventListener("click", begin);
  await begin();
}

// upload shows the widget that puts photos into a folder.
function upload(server, root, folder, data) {
  const rules = {
    maxBytes: Number(data.maxBytes),
    kinds: data.kinds,
    extensions: data.extensions.split(" "),
    begins: data.begins.split(" "),
  };
  root.append(...new Range().createContextualFragment(page).childNodes);
  const [drop, choose, input, takes, status, list, there] =
    root.querySelectorAll(".drop, .choose, input, .takes, .status, ul, .there");
  takes.textContent = `They go into the folder ${folder.join("/")}: ${rules.kinds} files of up to ${megabytes(rules.maxBytes)}.`;
  input.accept = rules.extensions.map((extension) => "." + extension).join();

  const coming = new Set(); // the names of photos on their way
  const queue = [];
  const count = { going: 0, uploaded: 0, refused: 0, failed: 0 };

  const report = () => {
    const says = [];
    if (queue.length + count.going) says.push(`Uploading ${several(queue.length + count.going, "photo")} …`);
    if (count.uploaded) says.push(`${several(count.uploaded, "photo")} uploaded: the cells below can use ${count.uploaded === 1 ? "it" : "them"} now.`);
    if (count.refused) says.push(`${several(count.refused, "file")} refused.`);
    if (count.failed) says.push(`${several(count.failed, "upload")} failed.`);
    status.textContent = says.join(" ");
  };

  const tell = async () => {
    try {
      const names = await folderNames(server, folder);
      const photos = names.filter((name) => rules.extensions.includes(extension(name)));
      const more = photos.length > shownNames ? ` and ${photos.length - shownNames} more` : "";
      there.textContent = photos.length
        ? `In uploads: ${several(photos.length, "photo")}: ${photos.slice(0, shownNames).join(", ")}${more}.`
        : "In uploads: no photos yet.";
    } catch (problem) {
      there.textContent = `What is in uploads cannot be told. ${problem.message}`;
    }
  };
  tell();

  // makeFolder makes the folder, if it is not there: one request at a time, or the server finds that one was faster,
  // and fails.
  let made = Promise.resolve();
  const makeFolder = () => {
    made = made.catch(() => {}).then(() => request(server, "PUT", contents(folder), { type: "directory" }));
    return made;
  };

  const add = async (file) => {
    const row = document.createElement("li");
    row.innerHTML = item;
    const [canvas, name, progress, text, retry] = row.querySelectorAll("canvas, b, progress, p, button");
    name.textContent = file.name;
    progress.setAttribute("aria-label", `Upload of ${file.name}`);
    retry.setAttribute("aria-label", `Retry ${file.name}`);
    list.append(row);
    const say = (sentence) => {
      text.textContent = sentence;
      progress.hidden = true;
      report();
    };
    const sentence = await refusal(file, rules);
    if (sentence) {
      count.refused++;
      say(`✗ Not uploaded: ${sentence}`);
      return;
    }
    const send = async () => {
      await thumbnail(file, canvas);
      const wanted = safeName(file.name);
      let got;
      try {
        await makeFolder();
        got = await freeName(server, folder, wanted, coming);
        const content = await base64(file);
        await request(server, "PUT", contents([...folder, got]), { type: "file", format: "base64", content }, (part) => {
          progress.value = part;
        });
        count.uploaded++;
        say(got === file.name ? "✓ Uploaded." : got === wanted ? `✓ Uploaded as ${got}.`
          : `✓ Uploaded as ${got}: there is a ${wanted} already.`);
      } catch (problem) {
        count.failed++;
        say(`✗ Not uploaded. ${problem.message}`);
        retry.hidden = false;
      } finally {
        if (got) coming.delete(key(got));
      }
    };
    retry.addEventListener("click", () => {
      choose.focus(); // the button that has the focus goes away
      retry.hidden = true;
      text.textContent = "";
      progress.value = 0;
      progress.hidden = false;
      count.failed--;
      queue.push(send);
      next();
    });
    queue.push(send);
    next();
  };

  const next = async () => {
    report();
    if (count.going >= atOnce || !queue.length) return;
    count.going++;
    await queue.shift()();
    count.going--;
    report();
    if (!queue.length && !count.going) tell();
    next();
  };

  choose.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    for (const file of input.files) add(file);
    input.value = ""; // so that the same photo can be chosen again
  });
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    root.host.addEventListener(kind, (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      drop.classList.toggle("over", kind === "dragenter" || kind === "dragover");
      if (kind === "drop") for (const file of event.dataTransfer.files) add(file);
    });
  }
}

// refusal says why a file is not taken, or nothing.
async function refusal(file, rules) {
  const ends = extension(safeName(file.name));
  let head;
  try {
    head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  } catch {
    return "it cannot be read. If it is a folder, choose the photos in it.";
  }
  const hex = [...head].map((byte) => byte.toString(16).padStart(2, "0"));
  // The byte 3f, a question mark, stands for any byte.
  const begins = rules.begins.some((pattern) => pattern.match(/../g).every((byte, i) => byte === hex[i] || byte === "3f" && i < hex.length));
  if (["heic", "heif"].includes(ends) || /^.{4}ftyp(hei|hev|mif1|msf1)/s.test(String.fromCharCode(...head))) {
    return "it is a HEIC picture, as iPhones take them. Export it as JPEG, and choose that.";
  }
  if (!rules.extensions.includes(ends) || file.type && !file.type.startsWith("image/")) {
    return `by its name it is not a ${rules.kinds} file.`;
  }
  if (!file.size) return "it is empty.";
  if (file.size > rules.maxBytes) {
    return `it has ${megabytes(file.size)}, and at most ${megabytes(rules.maxBytes)} are taken. Make it smaller first.`;
  }
  if (!begins) return `by its content it is not a ${rules.kinds} file, though its name says so.`;
  return "";
}

// safeName is a file's name without what could lead out of the folder, hide the file or break a system's rules.
function safeName(name) {
  name = name.split(/[/\\]/).pop().normalize().replace(/\p{Z}+/gu, " ").replace(/\p{C}/gu, "")
    .replace(/[<>:"|?*]/g, "_").replace(/^[. ]+/, "").trim();
  const [stem, ends] = split(name);
  return ([...stem].slice(0, 60).join("").trim() || "photo") + ends.slice(0, 10);
}

// freeName finds a name that no file has in the folder or on its way there, and puts it among those that are coming:
// dog.jpg, dog (2).jpg, dog (3).jpg …
async function freeName(server, folder, name, coming) {
  const [stem, ends] = split(name);
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${stem} (${n})${ends}`;
    if (coming.has(key(candidate))) continue;
    coming.add(key(candidate)); // before the server is asked: another photo of that name may be asking too
    try {
      await request(server, "GET", contents([...folder, candidate]) + "?content=0");
    } catch (problem) {
      if (problem.status === 404) return candidate;
      coming.delete(key(candidate));
      throw problem;
    }
    coming.delete(key(candidate));
  }
}

// key is the same for names that some file systems take for one.
function key(name) { return name.normalize().toLowerCase(); }

// split cuts a name before its extension, which is "" for a name without one.
function split(name) {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
}

function extension(name) { return split(name)[1].slice(1).toLowerCase(); }

// thumbnail draws a photo. One that the browser cannot read, as most do TIFF, leaves an empty frame.
async function thumbnail(file, canvas) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
    const width = picture.width * scale, height = picture.height * scale;
    const draw = canvas.getContext("2d");
    draw.imageSmoothingQuality = "high";
    draw.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    picture.close();
  } catch {}
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(new Error("The file cannot be read any more: choose it again."));
    reader.readAsDataURL(file);
  });
}

// notebookFolder is the folder of the notebook that a kernel belongs to, as a list of names; null if the server has
// no such kernel any more.
async function notebookFolder(server, kernel) {
  const sessions = await request(server, "GET", "sessions");
  const session = sessions.find((session) => session.kernel?.id === kernel);
  return session ? session.path.replace(/^RTC:/, "").split("/").filter(Boolean).slice(0, -1) : null;
}

// folderNames lists a folder. One that does not exist yet is empty.
async function folderNames(server, folder) {
  try {
    const answer = await request(server, "GET", contents(folder) + "?type=directory&content=1");
    return answer.content.filter((entry) => entry.type !== "directory").map((entry) => entry.name).sort();
  } catch (problem) {
    if (problem.status === 404) return [];
    throw problem;
  }
}

function contents(names) { return "contents/" + names.map(encodeURIComponent).join("/"); }

// request asks the Jupyter server. What goes wrong is an Error with a sentence and the HTTP status, if there is one.
// It is no fetch, which tells nothing of how far an upload is.
function request(server, method, path, body, onProgress) {
  return new Promise((resolve, reject) => {
    const fail = (sentence, status) => reject(Object.assign(new Error(sentence), { status }));
    const xhr = new XMLHttpRequest();
    xhr.open(method, new URL("api/" + path, new URL((server.baseUrl || "/").replace(/\/*$/, "/"), location.href)));
    const xsrf = document.cookie.match(/(?:^|;\s*)_xsrf="?([^;"]*)/);
    if (xsrf) xhr.setRequestHeader("X-XSRFToken", xsrf[1]);
    if (server.token) xhr.setRequestHeader("Authorization", `token ${server.token}`);
    xhr.setRequestHeader("Cache-Control", "no-cache");
    const text = body && JSON.stringify(body);
    if (text) xhr.setRequestHeader("Content-Type", "application/json");
    xhr.timeout = 30_000 + (text?.length ?? 0) / 10; // milliseconds: 10 kB a second are slow enough
    if (onProgress) xhr.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    xhr.onerror = () => fail("The server does not answer: see whether Jupyter is still running.");
    xhr.ontimeout = () => fail("The server took too long to answer.");
    xhr.onload = () => {
      let answer;
      try {
        answer = JSON.parse(xhr.responseText);
      } catch {}
      if (xhr.status >= 200 && xhr.status < 300 && answer) return resolve(answer);
      const message = String(answer?.message ?? "").trim().slice(0, 300);
      const hint = xhr.status === 401 || xhr.status === 403 || xhr.status < 300 ? " Reload this page to sign in again." : "";
      fail(`The server answered ${xhr.status}${message && ": " + message}.`.replace(/\.\.$/, ".") + hint, xhr.status);
    };
    xhr.send(text);
  });
}

function several(n, what) { return `${n} ${what}${n === 1 ? "" : "s"}`; }

// megabytes rounds up: a file just above the limit must not be said to have just the limit.
function megabytes(bytes) { return `${Math.ceil(bytes / 1e5) / 10} MB`; }

