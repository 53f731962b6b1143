import type { AccessLogLine } from './access-log-line.ts';

/**
 * What a logged request is to an import: a page that somebody got to see, a file that belongs to pages or programs, or
 * anything else (other methods, redirects, errors).
 */
export type RequestClass = 'page' | 'asset' | 'other';

export function classifyRequest(line: AccessLogLine): RequestClass {
  const { request, status } = line;
  if (request === undefined || request.method !== 'GET') return 'other';
  if (isAssetPath(request.target)) return 'asset';
  return pageStatuses.has(status) ? 'page' : 'other';
}

/** Why a request is neither page nor asset: its method, or its status. */
export function otherReason({ request, status }: AccessLogLine): string {
  if (request === undefined) return 'no HTTP request';
  return request.method === 'GET' ? String(status) : request.method;
}

/** The browser shows something new, or what it still has (RFC 9110 §15): 304 is a page seen again. */
const pageStatuses: ReadonlySet<number> = new Set([200, 203, 304]);

const assetExtensions: ReadonlySet<string> = new Set(
  [
    'apng avif bmp cur gif heic ico jfif jpe jpeg jpg jxl png svg svgz tif tiff webp',
    'css less scss xsl xslt js mjs cjs map wasm ts vue swf',
    'eot otf ttc ttf woff woff2',
    '3gp aac avi flac flv m3u8 m4a m4v mid mkv mov mp3 mp4 mpeg mpg oga ogg ogv opus wav weba webm wma wmv',
    '7z apk bz2 deb dmg exe gem gz iso jar msi pkg rar rpm tar tbz tgz torrent war whl xpi xz zip zst',
    'csv doc docx epub log mobi odp ods odt pdf ppt pptx ps rtf tex txt vcf xls xlsx',
    'atom ics json jsonld rdf rss webmanifest xml yaml yml',
  ].flatMap((extensions) => extensions.split(' ')),
);

/** Pages have no extension, or one of a page (`.html`, `.php`); what a browser loads beside them has its own. */
function isAssetPath(target: string): boolean {
  const path = pathOfTarget(target);
  // What programs look for at a fixed place (RFC 8615).
  if (path.startsWith('/.well-known/')) return true;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot !== -1 && assetExtensions.has(name.slice(dot + 1).toLowerCase());
}

function pathOfTarget(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}
