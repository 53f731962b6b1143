/**
 * The digest of an event that we made ourselves: its key is a fresh id, so that no other body can have it. Clients that
 * repeat the key meet a conflict.
 */
export const ownDigest = '0000000000000000';
