import { Readable } from 'node:stream';
import { NOTHING_SENT, type Progress } from './error.ts';

const CHUNK_BYTES = 64 * 1024;

/**
 * nodemailer reads the message only after the server has asked for it, so the first read marks the
 * start of the body, and the last one the moment from which the server may have all of it.
 */
export class MessageBody extends Readable {
  readonly #mime: Buffer;
  #offset = 0;
  progress: Progress = NOTHING_SENT;
  onStart: (() => void) | null = null;

  constructor(mime: Buffer) {
    super();
    this.#mime = mime;
  }

  override _read(): void {
    if (!this.progress.isBodyStarted) this.onStart?.();
    const chunk = this.#mime.subarray(this.#offset, this.#offset + CHUNK_BYTES);
    this.#offset += chunk.length;
    this.progress = { isBodyStarted: true, isBodyComplete: this.#offset >= this.#mime.length };
    this.push(chunk.length > 0 ? chunk : null);
  }
}
