/** The sound of ringing phones. A browser plays nothing before the first click or key on the page. */

import { effect, signal } from "@preact/signals";
import { calledPhones } from "./phones.js";

const KEY = "voicehooks.sound";
const PERIOD_SECONDS = 3;
const RING_SECONDS = 1.2;

export const soundOn = signal(localStorage.getItem(KEY) !== "off");

/** @type {AudioContext | null} */
let audio = null;
let timer = 0;

for (const gesture of ["pointerdown", "keydown"]) {
  addEventListener(gesture, () => audio ??= new AudioContext(), { once: true });
}

effect(() => {
  localStorage.setItem(KEY, soundOn.value ? "on" : "off");
  const ringing = calledPhones.value.some((phone) => phone.state === "ringing");
  if (ringing && soundOn.value && !timer) {
    ring();
    timer = setInterval(ring, PERIOD_SECONDS * 1000);
  } else if (!(ringing && soundOn.value)) {
    clearInterval(timer);
    timer = 0;
  }
});

/** One ring: two tones that alternate. */
function ring() {
  if (!audio) return;
  const start = audio.currentTime;
  const volume = audio.createGain();
  volume.gain.setValueAtTime(0.08, start);
  volume.gain.setTargetAtTime(0, start + RING_SECONDS - 0.1, 0.03);
  volume.connect(audio.destination);
  const tone = audio.createOscillator();
  for (let at = 0; at < RING_SECONDS; at += 0.05) {
    tone.frequency.setValueAtTime(Math.round(at / 0.05) % 2 ? 1100 : 880, start + at);
  }
  tone.connect(volume);
  tone.start(start);
  tone.stop(start + RING_SECONDS);
}
