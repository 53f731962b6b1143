import { ThemeIcon } from '@mantine/core';
import {
  IconApi,
  IconArrowBackUp,
  IconBolt,
  IconCash,
  IconClick,
  IconClockPlay,
  IconEye,
  IconFileText,
  IconId,
  IconMailOpened,
  IconShare,
  IconTag,
  IconUserPlus,
} from '@tabler/icons-react';
import type { Icon } from '@tabler/icons-react';

const looks: Readonly<Record<string, readonly [Icon, string]>> = {
  link_click: [IconClick, 'blue'],
  pageview: [IconEye, 'gray'],
  session_start: [IconClockPlay, 'gray'],
  identify: [IconId, 'indigo'],
  lead: [IconFileText, 'grape'],
  sale: [IconCash, 'teal'],
  refund: [IconArrowBackUp, 'red'],
  registration: [IconUserPlus, 'cyan'],
  share: [IconShare, 'blue'],
  invitation: [IconMailOpened, 'orange'],
  redemption: [IconTag, 'orange'],
  api_request: [IconApi, 'gray'],
};

export function EventIcon({ type }: { readonly type: string }) {
  const [Picture, color] = looks[type] ?? [IconBolt, 'gray'];
  return (
    <ThemeIcon variant="light" color={color} size={26} radius="xl">
      <Picture size={15} aria-hidden />
    </ThemeIcon>
  );
}
