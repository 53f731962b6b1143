/** What is read again once links have changed. */
export const staleWithLinks = [
  'listLinks',
  'getLink',
  'listLinkVersions',
  'listFolders',
  'listTags',
  'simulateLink',
  'getLinkVariants',
  'getLinkHealth',
] as const;
