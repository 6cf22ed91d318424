import type { Desktop } from "../desktop/desktop.ts";
import { createAilFactory, type AilFactory, type OwnedFactory } from "../facade/ail-factory.ts";
import { connectDesktop, type ConnectOptions } from "./connect-desktop.ts";

/**
 * The AIL's loader: connects, and gives the factory. Both sites go in, because the DR switchover is
 * inside; `local` is what `parseBcProperties` reads.
 *
 * @example
 * const loader = new AilLoader({ local, userName: "agent-1001", password: "tandem" });
 * const factory = await loader.getAilFactory();
 * if (factory === null) throw loader.getInitException();
 */
export class AilLoader {
  readonly #options: ConnectOptions;
  #desktop: Desktop | null = null;
  #owned: OwnedFactory | null = null;
  #initException: Error | null = null;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  /**
   * Starts, and resolves when the person's objects have been read; with null when the credentials
   * are refused, or when the loader is killed before. Sites that cannot be reached are tried for
   * ever (continuity R1).
   */
  getAilFactory(): Promise<AilFactory | null> {
    if (this.#owned !== null) return Promise.resolve(this.#owned.factory);
    this.#initException = null;
    const desktop = this.#desktop ?? connectDesktop(this.#options);
    this.#desktop = desktop;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.#desktop !== desktop) return end(null);
        if (desktop.objects() === null) return;
        this.#owned ??= createAilFactory(desktop);
        end(this.#owned.factory);
      };
      const end = (factory: AilFactory | null): void => {
        unsubscribe();
        unhear();
        resolve(factory);
      };
      const unsubscribe = desktop.subscribe(look);
      const unhear = desktop.on("refused", ({ errorCode, errorMessage }) => {
        if (desktop.objects() !== null) return;
        this.#initException = new Error(`${errorCode}: ${errorMessage}`);
        end(null);
      });
    });
  }

  /** Why `getAilFactory` gave null. */
  getInitException(): Error | null {
    return this.#initException;
  }

  /** Closes everything; no listener is called any more. The loader can be started again. */
  killFactory(): void {
    const desktop = this.#desktop;
    this.#owned?.end();
    this.#owned = null;
    this.#desktop = null;
    desktop?.close();
  }
}
