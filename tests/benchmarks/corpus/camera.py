"""A camera: pictures in, a recording out, with its sensor's noise, the lamps' flicker and the encoder it has inside."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

WIDTH, HEIGHT = 1920, 1080


@dataclass(frozen=True, slots=True)
class Camera:
    """One device.

    Attributes:
        rate: pictures a second.
        kbps: what its encoder aims at.
        keyframe_s: seconds between its key frames.
        b_frames: how many in a row.
        noise: strength of the sensor's noise in dark parts; 10 is a good camera indoors.
        flicker: how much the lamps' light changes, of 1.
        room: what else its microphone hears: colour, loudness of 1 and upper limit in Hz of a noise.
        sound_kbps: of its AAC.
    """

    rate: int
    kbps: int
    keyframe_s: float
    b_frames: int
    noise: int
    flicker: float
    room: tuple[str, float, int]
    sound_kbps: int = 128


CAMCORDER = Camera(25, 7000, 0.5, 2, 8, 0.006, ("pink", 0.006, 6000), 192)
DESK_CAMERA = Camera(25, 5500, 2, 2, 9, 0.002, ("pink", 0.003, 8000))
PHONE = Camera(30, 14000, 1, 0, 5, 0, ("brown", 0.05, 900))


def shoot(camera: Camera, pictures: Iterable[Image.Image], voice: Path, seconds: float, recording: Path) -> None:
    """Film `pictures` (RGB, 1920 x 1080, `camera.rate` a second) while `voice` is heard."""
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(camera.rate), "-i", "pipe:0"]
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *raw, "-i", str(voice)]
    argv += ["-filter_complex", f"{_sensor(camera)};{_microphone(camera)}", "-map", "[seen]", "-map", "[heard]"]
    argv += ["-c:v", "libx264", "-preset", "superfast", "-profile:v", "high", "-bf", str(camera.b_frames)]
    argv += ["-b:v", f"{camera.kbps}k", "-maxrate", f"{camera.kbps * 5 // 4}k", "-bufsize", f"{camera.kbps}k"]
    argv += ["-g", str(round(camera.rate * camera.keyframe_s)), "-color_range", "tv"]
    argv += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    argv += ["-c:a", "aac", "-b:a", f"{camera.sound_kbps}k", "-ac", "2", "-ar", "48000"]
    argv += ["-t", f"{seconds:.3f}", "-movflags", "+faststart", "-f", "mp4", str(recording)]
    encoder = subprocess.Popen(argv, stdin=subprocess.PIPE)
    try:
        assert encoder.stdin is not None
        for picture in pictures:
            encoder.stdin.write(picture.tobytes())
        encoder.stdin.close()
        if encoder.wait(timeout=120) != 0:
            raise RuntimeError(f"ffmpeg ended with {encoder.returncode}")
    finally:
        encoder.kill()
        encoder.wait()


def _sensor(camera: Camera) -> str:
    """Grains are one and a half pixels wide, strongest in the dark, weak in colour."""
    lamps = f"eq=brightness='{camera.flicker}*sin(t*5.9)*sin(t*0.83+1)':eval=frame," if camera.flicker else ""
    seen = f"[0:v]scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,{lamps}setsar=1[clean]"
    grain = (
        f"color=c=gray:s=1280x720:r={camera.rate},format=yuv420p,noise=alls={camera.noise * 2}:allf=t,"
        f"scale={WIDTH}x{HEIGHT}:flags=bicubic[grain]"
    )
    luma = "clip(x+(y-126)*(0.3+0.75*exp(-x/95)),0,255)"
    chroma = "clip(x+(y-128)*0.4,0,255)"
    return f"{seen};{grain};[clean][grain]lut2=c0='{luma}':c1='{chroma}':c2='{chroma}':shortest=1[seen]"


def _microphone(camera: Camera) -> str:
    colour, loud, limit = camera.room
    noise = f"anoisesrc=c={colour}:a={loud}:r=48000:seed=7,lowpass=f={limit}[room]"
    return (
        f"{noise};[1:a]aresample=48000,volume=0.8[voice];[voice][room]amix=inputs=2:duration=first:normalize=0[heard]"
    )
