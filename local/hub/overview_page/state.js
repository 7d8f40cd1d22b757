// Asks for the tables again, every other second.
const state = document.getElementById("state");
setInterval(async () => {
  try {
    const answer = await fetch("/overview/state");
    if (!answer.ok) return;
    const fresh = await answer.text();
    if (fresh !== state.dataset.shown) {
      state.innerHTML = fresh;
      state.dataset.shown = fresh;
    }
  } catch {
    // The hub was stopped; the page keeps what it shows.
  }
}, 2000);
