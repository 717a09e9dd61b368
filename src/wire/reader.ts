/** One decoded field and where it stood, for annotated dumps. Offsets count from the start of the input. */
export interface FieldRange {
  /** Names that lead to the field: `extensions.key_share[0].group`. */
  readonly path: string;
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
  /** What the bytes were decoded to. */
  readonly value: unknown;
}

/** Input that does not follow its declaration. Becomes the alert `decode_error` (RFC 9846 §6.2). */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  /** What was wrong, without the path. */
  readonly reason: string;
  /** The field that failed, outermost first: `client_hello.extensions.key_share[0].group`. */
  path: string;

  constructor(reason: string, path = "") {
    super(path === "" ? reason : `${path}: ${reason}`);
    this.reason = reason;
    this.path = path;
  }

  /** Prefixes the path with an outer field, while the error travels outwards. */
  within(step: string): this {
    const joint = this.path === "" || this.path.startsWith("[") ? "" : ".";
    this.path = step + joint + this.path;
    this.message = `${this.path}: ${this.reason}`;
    return this;
  }
}

/** One for all: an array of its own would cost a hundred times the bytes that said it is empty. */
const nothing = new Uint8Array(0);

/** A cursor over bytes. Nested structures narrow {@link end} instead of making a reader of their own. */
export class Reader {
  /** All of the input. */
  readonly bytes: Uint8Array;
  /** Offset of the next byte. */
  position = 0;
  /** Offset after the last byte that may be read. */
  end: number;
  /** How many elements may still be read, see {@link element}. */
  elements: number;
  /** Set to record the range of every field. */
  fields: FieldRange[] | undefined;
  #path: string[] = [];

  /** @param elements how many elements may be read in all */
  constructor(bytes: Uint8Array, elements = Infinity) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.elements = elements;
  }

  /** Bytes that may still be read. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** Reads an unsigned integer of one to four bytes, most significant first (RFC 9846 §3.3). */
  uint(size: number): number {
    const at = this.#advance(size);
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.bytes[at + i]!;
    return value;
  }

  /** Copies `length` bytes out, so that the value does not pin or alias the input. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    if (length === 0) return nothing;
    return Uint8Array.prototype.slice.call(this.bytes, at, at + length);
  }

  /** Runs `read` on exactly the next `length` bytes; bytes that it leaves are an error (RFC 9846 §4). */
  within<T>(length: number, read: (reader: Reader) => T): T {
    const outer = this.end;
    this.#require(length);
    this.end = this.position + length;
    const value = read(this);
    this.expectEnd();
    this.end = outer;
    return value;
  }

  /**
   * Counts an extension or an entry of a list, numbers aside: what becomes an object of its own costs far
   * more memory than its bytes, which may be as few as two.
   */
  element(): void {
    if (--this.elements < 0) throw new DecodeError("has more elements than the limit allows");
  }

  /** Takes the structure as over. @throws DecodeError for bytes behind it (RFC 9846 §4) */
  expectEnd(): void {
    if (this.position !== this.end) {
      throw new DecodeError(`${this.end - this.position} bytes after the end of the structure`);
    }
  }

  /** Reads a named part; remembers its range if {@link fields} is set. */
  field<T>(step: string, read: (reader: Reader) => T): T {
    if (this.fields === undefined) return read(this);
    const joint = this.#path.length === 0 || step.startsWith("[") ? "" : ".";
    this.#path.push(joint + step);
    const index = this.fields.length;
    const start = this.position;
    const entry = { path: this.#path.join(""), start, end: start, value: undefined as unknown };
    this.fields.push(entry);
    entry.value = read(this);
    entry.end = this.position;
    this.fields[index] = entry;
    this.#path.pop();
    return entry.value as T;
  }

  #advance(size: number): number {
    this.#require(size);
    const at = this.position;
    this.position = at + size;
    return at;
  }

  #require(size: number): void {
    if (size > this.end - this.position) {
      throw new DecodeError(`needs ${size} bytes, has ${this.end - this.position}`);
    }
  }
}
