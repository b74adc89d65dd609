// Names of tags and objects.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface TagDescriptor {
  readonly tag: Json;
}
/** Both keys are required, so that `null` is a value. */
export interface ObjectDescriptor {
  readonly tags: readonly Json[];
  readonly json: Json;
}
export type Descriptor = TagDescriptor | ObjectDescriptor;

/** As JSON, and nothing is left out or replaced silently: two names must never become one. */
function exact(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    const type = typeof part;
    if (type === "undefined" || type === "function" || type === "symbol" || (type === "number" && !Number.isFinite(part)))
      throw new RangeError(`no JSON in a descriptor${key === "" ? "" : ` at "${key}"`}: ${String(part)}`);
    return part;
  });
}

/** As the engine reads it: JSON texts, one a line. */
export function toLines(descriptor: Descriptor): { byTag: boolean; lines: string } {
  if ("tag" in descriptor) return { byTag: true, lines: exact(descriptor.tag) };
  if (!("tags" in descriptor && "json" in descriptor && Array.isArray(descriptor.tags)))
    throw new TypeError("a descriptor is {tag} or {tags, json}");
  return { byTag: false, lines: [descriptor.json, ...descriptor.tags].map(exact).join("\n") };
}

/** From the engine's `[[tag,…],json]`. */
export function fromCanonical(text: string): ObjectDescriptor {
  const [tags, json] = JSON.parse(text) as [Json[], Json];
  return { tags, json };
}
