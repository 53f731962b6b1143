/** The shop that is simulated: its pages, its links, and where its customers come from. */

export const shopHost = 'shop.example';
export const linkHost = 'go.shop.example';

export const links = [
  ['spring', '/collections/spring', 'newsletter', 'email', 'spring-sale', ['newsletter']],
  ['insta', '/', 'instagram', 'social', 'bio', ['social']],
  ['podcast', '/welcome', 'coffee-break', 'podcast', 'season-2', ['audio']],
  ['flyer', '/pricing', 'flyer', 'print', 'trade-fair', ['print', 'qr']],
  ['maya', '/', 'maya', 'influencer', 'autumn-box', ['creators']],
  ['welcome', '/welcome', 'onboarding', 'email', 'welcome-series', ['newsletter']],
] as const;

/** A way in: the page, the referrer, and for links their key. */
export interface Arrival {
  readonly path?: string;
  readonly referrer?: string;
  readonly link?: (typeof links)[number][0];
}

export const arrivals: ReadonlyArray<readonly [Arrival, number]> = [
  [{ path: '/', referrer: 'https://www.google.com/' }, 26],
  [{ path: '/guides/brewing', referrer: 'https://www.google.com/' }, 12],
  [
    {
      path: '/?utm_source=google&utm_medium=cpc&utm_campaign=brand',
      referrer: 'https://www.google.com/',
    },
    9,
  ],
  [{ path: '/collections/spring?utm_source=google&utm_medium=cpc&utm_campaign=generic-coffee' }, 8],
  [
    {
      path: '/collections/spring?utm_source=facebook&utm_medium=paid_social&utm_campaign=retargeting',
      referrer: 'https://l.facebook.com/',
    },
    7,
  ],
  [{ path: '/' }, 14],
  [{ path: '/guides/brewing', referrer: 'https://news.ycombinator.com/' }, 3],
  [{ path: '/guides/grinders', referrer: 'https://www.reddit.com/' }, 4],
  [{ path: '/', referrer: 'https://chatgpt.com/' }, 4],
  [{ path: '/', referrer: 'https://www.bing.com/' }, 3],
  [{ path: '/guides/grinders', referrer: 'https://duckduckgo.com/' }, 2],
  [{ path: '/', referrer: 'https://coffeeblog.example/ten-best' }, 3],
  [{ link: 'spring' }, 9],
  [{ link: 'insta' }, 8],
  [{ link: 'podcast' }, 4],
  [{ link: 'flyer' }, 2],
  [{ link: 'maya' }, 5],
  [{ link: 'welcome' }, 3],
];

/** Who comes back remembers the shop, or is reminded of it. */
export const returns: ReadonlyArray<readonly [Arrival, number]> = [
  [{ path: '/' }, 10],
  [{ link: 'spring' }, 5],
  [{ link: 'welcome' }, 4],
  [{ path: '/', referrer: 'https://www.google.com/' }, 6],
  [
    {
      path: '/collections/spring?utm_source=facebook&utm_medium=paid_social&utm_campaign=retargeting',
      referrer: 'https://l.facebook.com/',
    },
    5,
  ],
];

export const pages: ReadonlyArray<readonly [string, number]> = [
  ['/collections/spring', 10],
  ['/products/house-blend', 12],
  ['/products/ethiopia', 9],
  ['/products/grinder', 6],
  ['/products/starter-set', 5],
  ['/guides/brewing', 5],
  ['/guides/grinders', 3],
  ['/pricing', 4],
  ['/about', 2],
];

/** A network of each country, as registries have given them out; addresses are cut to their network before storage. */
export const networks: ReadonlyArray<readonly [string, number]> = [
  ['73.12.44', 30],
  ['86.130.22', 14],
  ['91.10.66', 16],
  ['90.12.31', 8],
  ['84.81.12', 6],
  ['99.225.40', 7],
  ['1.120.30', 4],
  ['126.20.11', 4],
  ['177.20.33', 5],
  ['49.32.80', 6],
  ['90.225.14', 3],
];

/** Networks where pages ask before they measure. */
export const askedNetworks: ReadonlySet<string> = new Set([
  '86.130.22',
  '91.10.66',
  '90.12.31',
  '84.81.12',
  '90.225.14',
]);

export const browsers: ReadonlyArray<readonly [string, number]> = [
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
    26,
  ],
  [
    'Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Mobile Safari/537.36',
    22,
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36',
    22,
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    14,
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 6],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0',
    6,
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
    4,
  ],
];

export const firstNames = [
  'Ada',
  'Ben',
  'Chloe',
  'Dev',
  'Elif',
  'Finn',
  'Grace',
  'Hugo',
  'Ines',
  'Jonas',
  'Kira',
  'Liam',
  'Mina',
  'Noah',
  'Olga',
  'Pia',
  'Quinn',
  'Ravi',
  'Sofia',
  'Tom',
];
export const lastNames = [
  'Adler',
  'Brown',
  'Costa',
  'Dubois',
  'Evans',
  'Fischer',
  'Gupta',
  'Hansen',
  'Ito',
  'Jansen',
  'Kaya',
  'Lopez',
  'Meyer',
  'Novak',
  'Okoye',
];

/** Minor units, in the shop's two currencies. */
export const baskets: ReadonlyArray<readonly [number, number]> = [
  [1_490, 20],
  [2_490, 26],
  [3_980, 20],
  [5_900, 14],
  [8_900, 8],
  [14_900, 5],
  [24_900, 2],
];
