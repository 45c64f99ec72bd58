// What the server has not acknowledged yet: kept in this browser, sent one by one, tried again until it answers.
// Records carry the membership they were made in, so that a shared telephone, or a person who acts for two companies,
// sends nothing in another's name.

const DATABASE = "portal";
const STORE = "pending";
const AGAIN_MS = [2000, 5000, 15000, 30000];
const SETTLED = [403, 404, 409, 413, 415, 422]; // refused for good: the words say why

export const newToken = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// A shelf that keeps records in IndexedDB, or in memory where the browser keeps nothing.
const openShelf = async (openDB) => {
  try {
    const db = await openDB(DATABASE, 1, { upgrade: (made) => made.createObjectStore(STORE, { keyPath: "key" }) });
    return {
      isKept: true,
      all: () => db.getAll(STORE),
      put: (record) => db.put(STORE, record),
      drop: async (record) => {
        const change = db.transaction(STORE, "readwrite");
        const now = await change.store.get(record.key);
        if (now && now.once === record.once) change.store.delete(record.key);
        await change.done;
      },
    };
  } catch (error) {
    const held = new Map();
    return {
      isKept: false,
      all: async () => [...held.values()],
      put: async (record) => held.set(record.key, record),
      drop: async (record) => {
        const now = held.get(record.key);
        if (now && now.once === record.once) held.delete(record.key);
      },
    };
  }
};

const isPhoto = (record) => record.kind === "photo";

const request = (record, csrf) => {
  const headers = { "X-Requested-With": "fetch", "X-CSRFToken": csrf, Once: record.once };
  if (!isPhoto(record)) {
    headers["Content-Type"] = "application/json";
    return fetch(record.url, { method: "PUT", headers, body: JSON.stringify(record.body), redirect: "error" });
  }
  const body = new FormData();
  body.append("photo", record.blob, record.name || "photo.jpg");
  return fetch(record.url, { method: "POST", headers, body, redirect: "error" });
};

// A repeated photo is answered without its address: ask what stands there.
const reply = async (record, answer) => {
  const said = await answer.json().catch(() => ({}));
  if (!said.again || !isPhoto(record)) return said;
  const listed = await fetch(record.url, { headers: { "X-Requested-With": "fetch" } });
  return listed.ok ? listed.json() : said;
};

// heard({type, record, status, reply}) with type sent or refused; changed({count, state}) with state "", "offline",
// "signedOut" or "stale".
export const openQueue = async ({ openDB, who, csrf, heard = () => {}, changed = () => {} }) => {
  const shelf = await openShelf(openDB);
  let state = "";
  let running = null;
  let isAsked = false;
  let failures = 0;
  let timer = 0;

  const mine = async () => {
    const all = await shelf.all();
    return all.filter((record) => record.who === who).sort((one, other) => one.order - other.order);
  };
  const tell = async () => {
    const waiting = await mine();
    changed({ count: waiting.length, state, isKept: shelf.isKept });
    return waiting.length;
  };
  const pause = (why) => {
    state = why;
    clearTimeout(timer);
    if (why !== "offline") return;
    timer = setTimeout(() => drain(), AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
    failures += 1;
  };
  const send = async (record) => {
    let answer;
    try {
      answer = await request(record, csrf);
    } catch (error) {
      pause("offline");
      return false;
    }
    if (answer.ok || SETTLED.includes(answer.status)) {
      const said = await reply(record, answer);
      await shelf.drop(record);
      state = "";
      failures = 0;
      heard({ type: answer.ok ? "sent" : "refused", record, status: answer.status, reply: said });
      return true;
    }
    pause({ 401: "signedOut", 400: "stale" }[answer.status] || "offline");
    return false;
  };
  const run = async () => {
    try {
      let left = await tell();
      do {
        isAsked = false;
        for (const record of await mine()) {
          if (!(await send(record))) {
            isAsked = false;
            break;
          }
          await tell();
        }
        left = await tell();
      } while (isAsked); // asked for while the last was told: nobody else would come back for it
      return left;
    } finally {
      running = null;
    }
  };
  const drain = () => {
    if (running) isAsked = true;
    else running = run();
    return running;
  };
  const put = async (record) => {
    await shelf.put({ ...record, who, order: Date.now(), once: newToken() });
    if (running) await tell();
    return drain();
  };

  const forget = async (key) => {
    for (const record of await mine()) if (record.key === key) await shelf.drop(record);
    return tell();
  };

  window.addEventListener("online", drain);
  document.addEventListener("visibilitychange", () => document.hidden || drain());
  return { put, drain, forget, waiting: mine };
};
