import { TextLink } from '../ui/text-link.tsx';

/** A partner, who leads to what is theirs. */
export function PartnerLink(props: {
  readonly id: string;
  readonly names: ReadonlyMap<string, string>;
}) {
  return (
    <TextLink to="/partners/$id" params={{ id: props.id }} size="sm">
      {props.names.get(props.id) ?? props.id.slice(-6)}
    </TextLink>
  );
}
