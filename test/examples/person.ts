/** A headless browser says that it is one, on localhost in its client hints too, and would be a machine. */
export const person = {
  userAgent:
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  extraHTTPHeaders: { 'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142"' },
};
