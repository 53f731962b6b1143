/** Where a link will lead: its destination with its tags, or `undefined` where that is no address yet. */
export function finalUrl(
  destination: string,
  tags: Readonly<Record<string, string>>,
): string | undefined {
  let url: URL;
  try {
    url = new URL(destination);
  } catch {
    // It is still being typed.
    return undefined;
  }
  for (const [name, value] of Object.entries(tags))
    if (value !== '') url.searchParams.set(name, value);
  return url.toString();
}
