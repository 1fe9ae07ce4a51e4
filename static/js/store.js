// What this device remembers. Where storage is closed, it remembers until the page is left.
const memory = new Map();

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, value);
  } catch {
    memory.set(name, value);
  }
}
