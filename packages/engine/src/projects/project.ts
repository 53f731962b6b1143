import { isGoal } from '../attribution/goal.ts';
import type { EventType } from '../ingest/event.ts';

/** What a type of tracked events is for the rest of Headwater: a conversion, or an event of its own name. */
export const trackedKinds = ['registration', 'sale', 'lead', 'custom'] as const;
export type TrackedKind = (typeof trackedKinds)[number];

/** A named part of a workspace, which counts its own registrations and paying customers. */
export interface Project {
  readonly workspaceId: string;
  readonly id: string;
  /** Unique among the live projects of the workspace. */
  readonly slug: string;
  readonly name: string;
  /** The types beside `user_registered` and `user_converted`. */
  readonly eventTypes: Readonly<Record<string, TrackedKind>>;
  /** Stands before the user ids of the project, where two projects give the same id to different people. */
  readonly externalIdPrefix: string;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How many users stand in a project under a type. */
export interface ProjectCount {
  readonly eventType: string;
  /** Those that were added and not removed again; never below zero. */
  readonly count: number;
  readonly added: number;
  /** Removals that took something back. */
  readonly removed: number;
  /** Removals that found nothing to take back, until something earlier comes in. */
  readonly unmatched: number;
}

export const projectLimits = {
  nameLengthMax: 255,
  eventTypesMax: 50,
  prefixLengthMax: 64,
} as const;

export const slugPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const eventTypePattern = /^[a-z][a-z0-9_]{0,62}$/;

/** What every project counts. */
export const documentedTypes = {
  user_registered: 'registration',
  user_converted: 'sale',
} as const satisfies Record<string, TrackedKind>;

/** By name, in the order in which they are told to people. */
export function typesOf(
  project: Pick<Project, 'eventTypes'>,
): Readonly<Record<string, TrackedKind>> {
  return { ...documentedTypes, ...project.eventTypes };
}

/** `user_registered or user_converted`, with the project's own between them. */
export function nameTypes(project: Pick<Project, 'eventTypes'>): string {
  const names = Object.keys(typesOf(project));
  return `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

/** The event that an `add` or `remove` is recorded as. What is taken back is no event of its own kind. */
export function eventTypeOf(kind: TrackedKind, action: TrackedAction): EventType {
  return action === 'remove' && isGoal(kind) ? 'refund' : kind;
}

export const trackedActions = ['add', 'remove'] as const;
export type TrackedAction = (typeof trackedActions)[number];
