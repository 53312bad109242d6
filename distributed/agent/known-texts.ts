import { digestOf } from '../protocol/digest.ts'

/** So many texts are kept; a node has fewer turns under way than that. */
const most = 64

/** Texts of prompts by their digest, so that one of a megabyte is not sent with every question about its turn. */
export class KnownTexts {
  readonly #texts = new Map<string, string>()

  /** Keeps the text where one comes; undefined when this digest's text is not known. */
  textOf(digest: string, text?: string): string | undefined {
    if (text !== undefined && digestOf(text) === digest) {
      this.#texts.set(digest, text)
      for (const [oldest] of this.#texts) if (this.#texts.size > most) this.#texts.delete(oldest)
    }
    return this.#texts.get(digest)
  }
}
