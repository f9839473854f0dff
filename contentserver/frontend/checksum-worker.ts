/** A thread that makes the SHA-256 of a file, piece by piece, however large it is. */
import { sha256 } from "@noble/hashes/sha2.js";

const PIECE_BYTES = 8 * 1024 * 1024;

async function hash(file: File): Promise<string> {
  const sum = sha256.create();
  for (let from = 0; from < file.size; from += PIECE_BYTES) {
    sum.update(new Uint8Array(await file.slice(from, from + PIECE_BYTES).arrayBuffer()));
  }
  return [...sum.digest()].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

onmessage = async (event: MessageEvent<File>) => {
  try {
    postMessage({ sha256: await hash(event.data) });
  } catch {
    postMessage({});
  }
};
