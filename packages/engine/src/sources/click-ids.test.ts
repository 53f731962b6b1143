import { describe, expect, it } from 'vitest';
import { fc } from '../../../../test/support/properties.ts';
import {
  captureSignals,
  clickIds,
  findClickId,
  isClickIdParameter,
  withoutClickIds,
} from './click-ids.ts';

const paidAds = [
  'gclid',
  'gbraid',
  'wbraid',
  'dclid',
  'gclsrc',
  'gad_source',
  'gad_campaignid',
  'msclkid',
  'ttclid',
  'li_fat_id',
  'twclid',
  'rdt_cid',
  'ScCid',
  'epik',
  'qclid',
  'oppref',
  'yclid',
  'ymclid',
  'ko_click_id',
  'ob_click_id',
  'dicbo',
  'tblci',
  'vmcid',
  'ndclid',
  's_kwcid',
  'ef_id',
];
const affiliates = [
  'irclickid',
  'irclid',
  'irgwc',
  'cjevent',
  'awc',
  'ranSiteID',
  'sscid',
  'clickref',
];
const unpaidMarks = ['fbclid', 'igshid', 'igsh', 'srsltid', 'mc_cid', '_hsmi'];
const personal = ['mc_eid', '_hsenc', '_kx', 'mkt_tok', 'vero_id'];

describe('the table of click ids', () => {
  it('holds every parameter once, in any case', () => {
    const names = clickIds.map(({ parameter }) => parameter.toLowerCase());
    expect(names.toSorted()).toEqual(
      [...paidAds, ...affiliates, ...unpaidMarks, ...personal]
        .map((name) => name.toLowerCase())
        .toSorted(),
    );
  });

  it.each(paidAds)('takes %s as the proof of a paid click', (name) => {
    expect(findClickId(name)).toMatchObject({ paid: true, medium: 'paid', personal: false });
  });

  it.each(affiliates)('takes %s as the proof of an affiliate click', (name) => {
    expect(findClickId(name)).toMatchObject({ paid: true, medium: 'affiliate' });
  });

  it.each([...unpaidMarks, ...personal])('takes %s as no proof of a paid click', (name) => {
    expect(findClickId(name)).toMatchObject({ paid: false });
  });

  it('puts every paid parameter before every unpaid one, and Google first', () => {
    const flags = clickIds.map(({ paid }) => paid);
    expect(flags.lastIndexOf(true)).toBeLessThan(flags.indexOf(false));
    expect(clickIds[0]?.parameter).toBe('gclid');
  });
});

describe('isClickIdParameter', () => {
  it.each(['gclid', 'GCLID', 'ScCid', 'sccid', 'SCCID', 'fbclid', 'ranSiteID', 'mc_eid'])(
    'knows %s',
    (name) => {
      expect(isClickIdParameter(name)).toBe(true);
    },
  );

  it.each([
    '',
    'q',
    'utm_source',
    'hw_click',
    'ga_id',
    'via',
    'ref',
    '__proto__',
    'constructor',
    'ad_id',
    'aid',
    '_fbp',
  ])('knows nothing of %j', (name) => {
    expect(isClickIdParameter(name)).toBe(false);
  });
});

describe('captureSignals', () => {
  it('keeps every click id of the URL under the spelling of its platform', () => {
    expect(captureSignals('https://a.example/?gclid=G1&fbclid=F1&sccid=S1&utm_source=x')).toEqual({
      gclid: 'G1',
      fbclid: 'F1',
      ScCid: 'S1',
    });
  });

  it('keeps ad cookies', () => {
    expect(
      captureSignals('/', {
        _fbp: 'fb.1.1700000000000.123456789',
        _fbc: 'fb.1.1700000000000.AbC_d-1',
        _ttp: '2abc',
        li_fat_id: '0f1c-11',
        _gcl_aw: 'GCL.1700000000.abc',
        session: 'secret',
      }),
    ).toEqual({
      _fbp: 'fb.1.1700000000000.123456789',
      _fbc: 'fb.1.1700000000000.AbC_d-1',
      _ttp: '2abc',
      li_fat_id: '0f1c-11',
      _gcl_aw: 'GCL.1700000000.abc',
    });
  });

  it('prefers the URL to the cookie', () => {
    expect(captureSignals('/?li_fat_id=url', { li_fat_id: 'cookie' })).toEqual({
      li_fat_id: 'url',
    });
  });

  it('keeps the case of values, and the first good one of a repeated parameter', () => {
    expect(captureSignals('/?gclid=&gclid=AbC&gclid=dEf')).toEqual({ gclid: 'AbC' });
  });

  it.each([
    ['nothing there', '/?q=1'],
    ['an empty value', '/?gclid='],
    ['a blank value', '/?gclid=%20'],
    ['an unfilled macro', '/?gclid=%7Bgclid%7D'],
    ['mark-up', '/?gclid=%3Cscript%3E'],
    ['a line break', '/?gclid=a%0d%0ab'],
    ['a NUL', '/?gclid=a%00'],
    ['more than 512 characters', `/?gclid=${'x'.repeat(513)}`],
    ['the recipient of a mailing', '/?mc_eid=abc&_kx=abc&_hsenc=abc&mkt_tok=abc&vero_id=abc'],
  ])('keeps nothing of %s', (_title, url) => {
    expect(captureSignals(url)).toBeUndefined();
  });

  it('keeps a value of 512 characters', () => {
    expect(captureSignals(`/?gclid=${'x'.repeat(512)}`)?.gclid).toHaveLength(512);
  });

  it('keeps the punctuation that platforms use', () => {
    expect(captureSignals('/?s_kwcid=AL!10!3!x!e!!g!!shoes&ef_id=a:G:s&tblci=GiA%3D%3D')).toEqual({
      s_kwcid: 'AL!10!3!x!e!!g!!shoes',
      ef_id: 'a:G:s',
      tblci: 'GiA==',
    });
  });

  it('ignores cookies that are not their own property', () => {
    expect(
      captureSignals('/', Object.create({ _fbp: 'fb.1.1.1' }) as Record<string, string>),
    ).toBeUndefined();
  });

  it('never throws and never lets anything but safe characters through', () => {
    const parameter = fc.tuple(
      fc.constantFrom(...clickIds.map((clickId) => clickId.parameter), '__proto__', 'x'),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(
        fc.array(parameter, { maxLength: 8 }),
        fc.dictionary(fc.constantFrom('_fbp', '_ttp', 'x'), fc.string({ unit: 'binary' })),
        (parameters, cookies) => {
          const query = parameters.map(([name, value]) => `${name}=${value}`).join('&');
          for (const value of Object.values(captureSignals(`/?${query}`, cookies) ?? {})) {
            expect(value).toMatch(/^[\w.~:%!*+/=|-]{1,512}$/);
          }
        },
      ),
    );
  });
});

describe('an address without click ids', () => {
  it.each([
    ['https://a.test/', 'https://a.test/'],
    ['https://a.test/?gclid=1', 'https://a.test/'],
    ['https://a.test/?a=1&gclid=2&b=%20#part', 'https://a.test/?a=1&b=%20#part'],
    ['https://a.test/?gclid=1&fbclid=2&a=1', 'https://a.test/?a=1'],
    ['https://a.test/?%67clid=1&fbclid&x', 'https://a.test/?x'],
    ['https://a.test/?GCLID=1&sccid=2', 'https://a.test/'],
    ['https://a.test/?a=1#/cart?gclid=1&b=2', 'https://a.test/?a=1#/cart?b=2'],
    ['https://a.test/#gclid=1', 'https://a.test/'],
    ['https://a.test/?mc_eid=person', 'https://a.test/'],
    ['https://a.test/%E0%A4?%zz=1&&b', 'https://a.test/%E0%A4?%zz=1&&b'],
    ['/gclid=1?my_gclid=1&gclid2', '/gclid=1?my_gclid=1&gclid2'],
    [
      'https://a.test/in?next=%2Fcart%3Fa%3D1%26gclid%3D2&b=3',
      'https://a.test/in?next=%2Fcart%3Fa%3D1&b=3',
    ],
    [
      'https://a.test/l.php?u=https%3A%2F%2Fb.test%3ffbclid%3d1%26x%3D2',
      'https://a.test/l.php?u=https%3A%2F%2Fb.test%3fx%3D2',
    ],
    [
      'https://a.test/to/https%3A%2F%2Fb.test%3Fgclid%3D1?c=2',
      'https://a.test/to/https%3A%2F%2Fb.test?c=2',
    ],
    ['a%3Fmy_gclid%3D1%26q', 'a%3Fmy_gclid%3D1%26q'],
    ['no address', 'no address'],
  ])('%s', (address, kept) => {
    expect(withoutClickIds(address)).toBe(kept);
  });

  it('has none left, whatever the text, and loses nothing else', () => {
    const marks = ['?', '&', '#', '=', '/', '', '%3F', '%26', '%3D'];
    const word = fc.constantFrom(...marks, 'gclid', 'fbclid', 'x', '%67clid');
    fc.assert(
      fc.property(
        fc.array(word).map((words) => words.join('')),
        (address) => {
          const kept = withoutClickIds(address);
          expect(withoutClickIds(kept)).toBe(kept);
          expect(captureSignals(kept)).toBeUndefined();
          if (!/clid/.test(address)) expect(kept).toBe(address);
        },
      ),
    );
  });
});
