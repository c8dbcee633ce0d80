// Speaks the sandbox's control API, as one person. Nothing else on the page sends a request.

const BASE = "/_control";

async function get(path) {
  const answer = await fetch(BASE + path);
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data?.error ?? `the sandbox answered ${answer.status}`);
  return data;
}

/** An act of a person: what went wrong is part of the answer (`ok: false, error`), because the page shows it. */
async function act(path, body = {}) {
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(BASE + path, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json().catch(() => ({}));
    return { ok: answer.ok, error: `the sandbox answered ${answer.status}`, ...said };
  } catch (problem) {
    return { ok: false, error: problem.message };
  }
}

export const workspace = () => get("/workspace");

/** Everything that the person with this id can see and do. */
export function as(user) {
  const mine = `/as/${user}`;
  return {
    channels: () => get(`${mine}/channels`),
    messages: (channel, thread) => get(`${mine}/messages/${channel}${thread ? `?thread_ts=${thread}` : ""}`),
    views: () => get(`${mine}/views`),
    home: () => get(`${mine}/home`),
    read: (channel) => act(`${mine}/read/${channel}`),
    reload: () => act(`${mine}/reload`),
    openHome: (tab) => act(`${mine}/open_home`, { tab }),
    command: (channel, text) => act(`${mine}/command`, { channel, text }),
    message: (channel, text, thread) => act(`${mine}/message`, { channel, text, ...(thread && { thread_ts: thread }) }),
    click: (body) => act(`${mine}/click`, body),
    options: (body) => act(`${mine}/options`, body),
    submit: (view, values) => act(`${mine}/submit`, { view_id: view, values }),
    close: (view, all) => act(`${mine}/close`, { view_id: view, all }),
    openDm: (user) => act(`${mine}/open_dm`, { user }),
    stream: (hears) => listen(`${BASE}${mine}/stream`, hears),
  };
}

const RETRY = 1000; // milliseconds

/**
 * Tells `changed(names)` what is new. What happened before a connection stood went unheard, so with each one everything
 * may be new: `changed(["*"])`. `reached(yes)` hears when the sandbox is gone and when it is back. Answers its end.
 */
function listen(address, { changed, reached }) {
  let source = null;
  let pause = null;
  const open = () => {
    source = new EventSource(address);
    source.onopen = () => {
      reached(true);
      changed(["*"]);
    };
    source.onmessage = (event) => changed(JSON.parse(event.data).changed ?? []);
    source.onerror = () => {
      source.close();
      reached(false);
      pause = setTimeout(open, RETRY);
    };
  };
  const close = () => {
    clearTimeout(pause);
    source.close();
  };
  open();
  return { close };
}
