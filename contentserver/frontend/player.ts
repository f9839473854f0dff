/** A lesson's package in the browser: hls.js where the browser cannot play HLS by itself, captions on. */

async function attach(video: HTMLVideoElement): Promise<void> {
  const source = video.dataset["hls"];
  if (!source) return;
  const query = video.dataset["query"] ?? "";
  const { default: Hls } = await import("hls.js");
  if (!Hls.isSupported()) {
    video.src = source + query;
    return;
  }
  const player = new Hls({
    capLevelToPlayerSize: true,
    enableWorker: false,
    // The signature stands on the master playlist's address; every file below it needs it too.
    xhrSetup: (request, url) => {
      request.open("GET", url.includes("?") ? url : url + query, true);
    },
  });
  player.loadSource(source + query);
  player.attachMedia(video);
}

for (const video of document.querySelectorAll<HTMLVideoElement>("video[data-hls]")) {
  void attach(video);
  for (const track of video.textTracks) track.mode = "showing";
}
