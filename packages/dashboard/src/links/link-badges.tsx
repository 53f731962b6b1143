import type { LinkResponse } from '@headwater/client/api';
import { Badge } from '@mantine/core';

import { useNow } from '../app/use-now.ts';
import { t } from '../messages/messages.ts';

/** What is to be known of a link at a glance. */
export function LinkBadges({ link }: { readonly link: LinkResponse }) {
  const now = useNow(60_000);
  const isExpired = link.expires_at !== null && new Date(link.expires_at).getTime() <= now;
  return (
    <>
      {link.link_type !== 'short' && (
        <Badge size="xs" variant="light" tt="none">
          {t.linkTypes[link.link_type]}
        </Badge>
      )}
      {link.archived_at !== null && (
        <Badge size="xs" variant="light" color="gray" tt="none">
          {t.links.archived}
        </Badge>
      )}
      {isExpired && (
        <Badge size="xs" variant="light" color="orange" tt="none">
          {t.links.expired}
        </Badge>
      )}
      {!link.domain_verified && link.archived_at === null && (
        <Badge size="xs" variant="light" color="red" tt="none" title={t.links.unverifiedHint}>
          {t.links.unverified}
        </Badge>
      )}
      {link.is_down && (
        <Badge size="xs" variant="light" color="red" tt="none">
          {t.linkHealth.isDown}
        </Badge>
      )}
      {link.protected && (
        <Badge size="xs" variant="light" color="grape" tt="none">
          {t.linkList.protected}
        </Badge>
      )}
      {(link.routing?.variants ?? []).length > 0 && (
        <Badge size="xs" variant="light" color="blue" tt="none">
          {t.linkList.tested}
        </Badge>
      )}
      {(link.routing?.rules ?? []).length > 0 && (
        <Badge size="xs" variant="light" color="cyan" tt="none">
          {t.linkList.ruled(link.routing?.rules?.length ?? 0)}
        </Badge>
      )}
      {link.tags.map((tag) => (
        <Badge
          key={tag}
          size="xs"
          variant="outline"
          color="gray"
          tt="none"
          style={{ flexShrink: 0 }}
        >
          {tag}
        </Badge>
      ))}
    </>
  );
}
