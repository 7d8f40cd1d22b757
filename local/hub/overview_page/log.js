// Follows the log of a run until the run is completed.
const log = document.getElementById("log");
const shown = document.getElementById("run-state");
const decoder = new TextDecoder();
let bytes = 0;

async function follow() {
  try {
    const answer = await fetch(`${log.dataset.source}?from=${bytes}`);
    const piece = await answer.arrayBuffer();
    bytes += piece.byteLength;
    const atEnd = window.innerHeight + window.scrollY >= document.body.scrollHeight - 40;
    log.append(decoder.decode(piece, { stream: true }));
    if (atEnd) window.scrollTo(0, document.body.scrollHeight);
    const state = answer.headers.get("X-Run-State");
    shown.textContent = state.replace("_", " ");
    shown.className = `state ${state}`;
    if (answer.headers.get("X-Run-Done") === "true") return;
  } catch {
    // The hub was stopped, or starts again.
  }
  setTimeout(follow, 700);
}

follow();
