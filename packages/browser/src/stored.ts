// Naming them is what throws where they are forbidden, so they are named when they are used.
export const local = (): Storage => localStorage;
export const session = (): Storage => sessionStorage;

/** Storage may be switched off, full or forbidden: then nothing is there. */
export function readStored(storage: () => Storage, name: string): string | null {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}

/** The list under a name; empty where something else is there. */
export function readStoredList<T>(storage: () => Storage, name: string): T[] {
  try {
    const list: unknown = JSON.parse(readStored(storage, name)!);
    return Array.isArray(list) ? (list as T[]) : [];
  } catch {
    return [];
  }
}

/** Without a value, the name is removed. */
export function store(storage: () => Storage, name: string, value?: string): void {
  try {
    if (value === undefined) storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    // What is not kept is lost with the page.
  }
}
