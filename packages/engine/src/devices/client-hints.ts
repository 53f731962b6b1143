/** What a request says of its sender beside the user agent (https://wicg.github.io/ua-client-hints/). */
export interface ClientHints {
  readonly brands?: readonly Brand[];
  readonly mobile?: boolean;
  /** `Windows`, `macOS`, `Android`, `Chrome OS`, `Linux`. */
  readonly platform?: string;
  readonly platformVersion?: string;
  /** `Desktop`, `Mobile`, `Tablet`, `Automotive`, `XR`, `Watch`, `EInk`. */
  readonly formFactors?: readonly string[];
  /** Who signs the request, where it is an agent's: `"https://chatgpt.com"`. */
  readonly signatureAgent?: string;
}

export interface Brand {
  readonly brand: string;
  readonly version: string;
}

/** Browsers send the first three unasked, over https. */
export const clientHintHeaders = [
  'sec-ch-ua',
  'sec-ch-ua-mobile',
  'sec-ch-ua-platform',
  'sec-ch-ua-platform-version',
  'sec-ch-ua-form-factors',
  'signature-agent',
] as const;
type HintHeader = (typeof clientHintHeaders)[number];

/** The hints of headers; a malformed one counts as absent. */
export function readClientHints(headers: Partial<Record<HintHeader, string>>): ClientHints {
  const brands = readBrands(headers['sec-ch-ua']);
  const mobile = headers['sec-ch-ua-mobile'];
  const platform = readString(headers['sec-ch-ua-platform']);
  const platformVersion = readString(headers['sec-ch-ua-platform-version']);
  const formFactors = readStrings(headers['sec-ch-ua-form-factors']);
  const signatureAgent = headers['signature-agent'];
  return {
    ...(brands.length > 0 && { brands }),
    ...((mobile === '?0' || mobile === '?1') && { mobile: mobile === '?1' }),
    ...(platform !== undefined && { platform }),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(formFactors.length > 0 && { formFactors }),
    ...(signatureAgent !== undefined && { signatureAgent }),
  };
}

/** `"Chromium";v="140", "Not=A?Brand";v="24"`: a list of strings with a parameter (RFC 8941 §3.1). */
function readBrands(header: string | undefined): Brand[] {
  return Array.from(
    (header ?? '').matchAll(/"((?:[^"\\]|\\.)*)";\s*v="([^"]*)"/g),
    ([, brand = '', version = '']) => ({ brand, version }),
  );
}

function readStrings(header: string | undefined): string[] {
  return Array.from((header ?? '').matchAll(/"([^"\\]+)"/g), ([, text = '']) => text);
}

function readString(header: string | undefined): string | undefined {
  return /^"([^"\\]+)"$/.exec(header ?? '')?.[1];
}
