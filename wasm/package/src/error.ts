/** `code` is a name of MLA's list of errors, the same in all languages. */
export class MlaError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = "MlaError";
    this.code = code;
  }
}
