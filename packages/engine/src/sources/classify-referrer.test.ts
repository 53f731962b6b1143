import { describe, expect, it } from 'vitest';
import { classifyReferrer } from './classify-referrer.ts';

const foreign = () => false;

describe('classifyReferrer', () => {
  it.each<[referrer: string, source: string, medium: string, rule: string]>([
    ['https://google.com/search', 'google', 'organic', 'referrer.search.google'],
    ['https://www.google.de/', 'google', 'organic', 'referrer.search.google'],
    ['https://WWW.Google.com/', 'google', 'organic', 'referrer.search.google'],
    ['https://yahoo.com', 'yahoo', 'organic', 'referrer.search.yahoo'],
    ['https://mail.yahoo.com', 'yahoo_mail', 'email', 'referrer.email.yahoo_mail'],
    ['https://mail.google.com/mail/u/0/', 'gmail', 'email', 'referrer.email.gmail'],
    ['https://outlook.live.com/', 'outlook', 'email', 'referrer.email.outlook'],
    ['https://app.fastmail.com/', 'fastmail', 'email', 'referrer.email.fastmail'],
    ['https://e.mail.ru/', 'mailru', 'email', 'referrer.email.mailru'],
    ['https://t.co/abc', 'twitter', 'social', 'referrer.social.twitter'],
    ['https://www.facebook.com/', 'facebook', 'social', 'referrer.social.facebook'],
    ['https://lm.facebook.com/l.php?u=x', 'facebook', 'social', 'referrer.social.facebook'],
    ['https://old.reddit.com/r/x', 'reddit', 'social', 'referrer.social.reddit'],
    ['https://bsky.app/', 'bluesky', 'social', 'referrer.social.bluesky'],
    ['https://web.whatsapp.com/', 'whatsapp', 'messaging', 'referrer.messaging.whatsapp'],
    ['https://www.youtube.com/watch?v=x', 'youtube', 'video', 'referrer.video.youtube'],
    ['https://www.etsy.com/', 'etsy', 'shopping', 'referrer.shopping.etsy'],
    ['https://chatgpt.com/', 'chatgpt', 'ai-assistant', 'referrer.ai.chatgpt'],
    ['https://chat.openai.com/', 'chatgpt', 'ai-assistant', 'referrer.ai.chatgpt'],
    ['https://www.perplexity.ai/', 'perplexity', 'ai-assistant', 'referrer.ai.perplexity'],
    ['https://claude.ai/', 'claude', 'ai-assistant', 'referrer.ai.claude'],
    ['https://copilot.microsoft.com/', 'copilot', 'ai-assistant', 'referrer.ai.copilot'],
    ['https://gemini.google.com/app', 'gemini', 'ai-assistant', 'referrer.ai.gemini'],
    ['https://x.com/i/grok?x=1', 'grok', 'ai-assistant', 'referrer.ai.grok'],
    ['android-app://com.google.android.gm/', 'gmail', 'email', 'referrer.email.gmail'],
    ['android-app://com.Slack', 'slack', 'messaging', 'referrer.messaging.slack'],
    ['android-app://com.reddit.frontpage/', 'reddit', 'social', 'referrer.social.reddit'],
    ['android-app://com.example.reader/', 'com.example.reader', 'referral', 'referrer.unlisted'],
    ['https://some-blog.com/post', 'some-blog.com', 'referral', 'referrer.unlisted'],
    ['http://192.168.0.1:8080/', '192.168.0.1:8080', 'referral', 'referrer.unlisted'],
  ])('takes %s for %s / %s', (referrer, source, medium, rule) => {
    expect(classifyReferrer(referrer, foreign)).toMatchObject({
      source,
      medium,
      rule,
      kind: 'referrer',
    });
  });

  it.each([
    undefined,
    '',
    'garbage',
    'about:blank',
    'about:client',
    'file:///C:/x.html',
    'https://',
    'chrome-extension://abc/x',
  ])('takes %j for direct', (referrer) => {
    expect(classifyReferrer(referrer, foreign)).toEqual({
      source: 'direct',
      medium: 'none',
      confidence: 'low',
      rule: 'direct',
      kind: 'direct',
    });
  });

  it.each<[referrer: string, rule: string]>([
    ['https://checkout.stripe.com/c/pay/x', 'payment_provider'],
    ['https://hooks.stripe.com/3d_secure', 'payment_provider'],
    ['https://www.paypal.com/checkoutnow', 'payment_provider'],
    ['https://pay.klarna.com/', 'payment_provider'],
    ['https://checkoutshopper-live.adyen.com/', 'payment_provider'],
    ['https://www.mollie.com/checkout', 'payment_provider'],
    ['https://checkout.shopify.com/', 'payment_provider'],
    ['https://shop.app/', 'payment_provider'],
    ['https://centinelapi.cardinalcommerce.com/', 'payment_provider'],
    ['https://3ds.bank.example/', 'payment_provider'],
    ['https://secure-3ds2.bank.example/', 'payment_provider'],
    ['https://3dsecure.bank.example/', 'payment_provider'],
    ['https://accounts.google.com/', 'sign_in_provider'],
    ['https://appleid.apple.com/', 'sign_in_provider'],
    ['https://login.microsoftonline.com/', 'sign_in_provider'],
    ['https://example.eu.auth0.com/', 'sign_in_provider'],
    ['https://example.okta.com/', 'sign_in_provider'],
  ])('takes %s for internal by %s', (referrer, rule) => {
    const source = classifyReferrer(referrer, foreign);
    expect(source).toMatchObject({ kind: 'internal', rule, confidence: 'high' });
    expect(source).not.toHaveProperty('source');
  });

  it('takes own hosts for internal before any table', () => {
    const isOwn = (host: string) => host === 'www.reddit.com';
    expect(classifyReferrer('https://www.reddit.com/', isOwn)).toEqual({
      referrerHost: 'reddit.com',
      confidence: 'high',
      rule: 'own_host',
      kind: 'internal',
    });
  });

  it('keeps nintendo3ds fans as ordinary referrers', () => {
    expect(classifyReferrer('https://nintendo3ds.example/', foreign).kind).toBe('referrer');
  });
});
