/** The double of `nativeImage`: it knows which file it came from, and whether that file is an image. */
import { existsSync, readFileSync } from 'node:fs';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const files = new WeakMap<NativeImage, string>();

export class NativeImage {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  static createEmpty(): NativeImage {
    return new NativeImage(Buffer.alloc(0));
  }

  /** As Electron does, a file that is not there gives an empty image and no error. */
  static createFromPath(file: string): NativeImage {
    const image = new NativeImage(existsSync(file) ? readFileSync(file) : Buffer.alloc(0));
    files.set(image, file);
    return image;
  }

  isEmpty(): boolean {
    return !this.#bytes.subarray(0, PNG.length).equals(PNG);
  }

  setTemplateImage(_option: boolean): void {
    // Only macOS draws it differently.
  }
}

export const fileOf = (image: NativeImage): string | undefined => files.get(image);
