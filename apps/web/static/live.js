// Following a stream of the server (server-sent events), with patience where it breaks off.

/**
 * follow("/api/events", {summary: value => …, gap: () => …, state: "open" | "lost" => …}); returns how to stop.
 * Each handler gets the parsed data of the events of its name; the browser resumes by Last-Event-ID.
 */
export function follow(path, handlers) {
  let source, timer, wait = 1000, last = "", stopped = false;

  function open() {
    const url = last ? `${path}${path.includes("?") ? "&" : "?"}after=${encodeURIComponent(last)}` : path;
    source = new EventSource(url);
    source.onopen = () => { wait = 1000; handlers.state?.("open"); };
    source.onerror = () => {
      handlers.state?.("lost");
      if (source.readyState !== EventSource.CLOSED || stopped) return; // it tries again by itself
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 2, 30000);
    };
    for (const [name, handle] of Object.entries(handlers)) {
      if (name === "state") continue;
      source.addEventListener(name, (event) => {
        if (event.lastEventId) last = event.lastEventId;
        handle(event.data ? JSON.parse(event.data) : null);
      });
    }
  }

  open();
  return () => { stopped = true; clearTimeout(timer); source.close(); };
}
