import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

const modules = join(import.meta.dirname, '..', '..', 'node_modules');
const packageFolder = join(modules, '@sparticuz', 'chromium');

/**
 * Starts the packaged Chromium, which brings the libraries and fonts that it needs. Every name
 * under `.test` is this machine, so that `shop.test` and `go.test` are two sites; no other name
 * resolves. `CHROMIUM_PATH` names another Chromium, for platforms without a packaged one.
 */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.CHROMIUM_PATH;
  const folder = own === undefined ? extractedChromium() : undefined;
  return chromium.launch({
    executablePath: own ?? join(folder!, 'chromium'),
    env: {
      ...process.env,
      ...(folder !== undefined && {
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
        FONTCONFIG_PATH: join(folder, 'fonts'),
      }),
    },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP *.test 127.0.0.1,MAP * ~NOTFOUND,EXCLUDE localhost,EXCLUDE 127.0.0.1',
    ],
  });
}

/** Unpacks Chromium once for each version; runs at the same time may both do it, and one wins. */
function extractedChromium(): string {
  const { version } = JSON.parse(fs.readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cache = join(modules, '.cache', 'headwater');
  const folder = join(cache, `chromium-${version}`);
  if (fs.existsSync(folder)) return folder;
  fs.mkdirSync(cache, { recursive: true });
  const fresh = fs.mkdtempSync(join(cache, 'chromium-'));
  // The package unpacks into the folder for temporary files, whichever that is.
  const unpack = `
    import { inflate } from '@sparticuz/chromium';
    for (const name of ['chromium.br', 'al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br'])
      await inflate(${JSON.stringify(join(packageFolder, 'bin'))} + '/' + name);`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: packageFolder,
    env: { ...process.env, TMPDIR: fresh },
  });
  fs.writeFileSync(
    join(fresh, 'fonts', 'fonts.conf'),
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/fonts</dir>
  <cachedir>${folder}/fonts/cache</cachedir>
</fontconfig>
`,
  );
  try {
    fs.renameSync(fresh, folder);
  } catch (error) {
    fs.rmSync(fresh, { recursive: true });
    if (!fs.existsSync(folder)) throw error;
  }
  return folder;
}
