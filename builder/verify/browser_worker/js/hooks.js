// Counts calls with effects that show neither in the DOM nor in storage.
(() => {
  const effects = [];
  Object.defineProperty(window, "__effects", { value: effects });
  const wrap = (owner, names, around) => names.split(" ").forEach(name => {
    const original = owner?.[name];
    if (typeof original === "function") owner[name] = function (...values) {
      return around(name, () => original.apply(this, values), values);
    };
  });
  const count = (owner, names) =>
    wrap(owner, names, (name, call) => { effects.push(name); return call(); });
  count(window, "clearInterval clearTimeout cancelAnimationFrame");
  count(window, "print open showSaveFilePicker showOpenFilePicker showDirectoryPicker postMessage");
  count(navigator, "share vibrate sendBeacon");
  count(document, "execCommand exitFullscreen");
  count(window.Clipboard?.prototype, "write writeText read readText");
  count(Element.prototype, "requestFullscreen requestPointerLock");
  count(HTMLMediaElement.prototype, "play pause load");
  count(window.SpeechSynthesis?.prototype, "speak cancel pause resume");
  count(window.AudioScheduledSourceNode?.prototype, "start stop");
  count(window.AudioContext?.prototype, "resume suspend close");
  count(window.MediaDevices?.prototype, "getUserMedia getDisplayMedia");
  count(window.Geolocation?.prototype, "getCurrentPosition watchPosition");
  count(window.Notification, "requestPermission");
  count(window.IDBObjectStore?.prototype, "add put delete clear");
  for (const sender of [window.Worker, window.BroadcastChannel, window.MessagePort])
    count(sender?.prototype, "postMessage");
  count(window.WebSocket?.prototype, "send");
  // A link to a program, such as mailto:, shows in nothing but this.
  window.navigation?.addEventListener("navigate", event => effects.push(event.destination.url));
  // What was drawn with WebGL can be read back only so.
  wrap(HTMLCanvasElement.prototype, "getContext", (_, call, values) => {
    if (/webgl/.test(values[0])) values[1] = { ...values[1], preserveDrawingBuffer: true };
    return call();
  });
})();
