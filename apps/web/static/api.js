// Asking the server. What goes wrong is thrown with the server's own line.

export class Refusal extends Error {
  constructor(status, body) {
    super(body?.error ?? `the server answered ${status}`);
    this.status = status;
    this.body = body;
  }
}

export const get = (path, options) => ask(path, options);

export const post = (path, body, options) =>
  ask(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-wunder": "1" },
    body: JSON.stringify(body ?? {}),
    ...options,
  });

async function ask(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...options });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Refusal(0, { error: "the server does not answer: is `wunder web` still running?" });
  }
  if (answer.status === 401) location.assign("/login");
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refusal(answer.status, body);
  return body;
}
