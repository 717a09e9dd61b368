/**
 * What holds next to nothing until somebody looks at it. An object of a dozen fields takes more than a kilobyte,
 * from however few bytes it was read.
 */
interface Unread<T extends object> {
  readonly read: (der: Uint8Array, where: string) => T;
  readonly der: Uint8Array;
  readonly where: string;
  value: T | undefined;
}

/**
 * Stands for the object that `read` gives, which is called when a field is first asked for. It cannot be changed.
 * @param where begins the field path of an error
 */
export const readLater = <T extends object>(
  read: Unread<T>["read"],
  der: Uint8Array,
  where: string,
): T => new Proxy<Unread<T>>({ read, der, where, value: undefined }, handler) as unknown as T;

const valueOf = (unread: Unread<object>): object =>
  (unread.value ??= unread.read(unread.der, unread.where));

const handler: ProxyHandler<Unread<object>> = {
  get: (unread, name) => Reflect.get(valueOf(unread), name) as unknown,
  has: (unread, name) => Reflect.has(valueOf(unread), name),
  ownKeys: (unread) => Reflect.ownKeys(valueOf(unread)),
  getOwnPropertyDescriptor(unread, name) {
    const descriptor = Reflect.getOwnPropertyDescriptor(valueOf(unread), name);
    return descriptor && { ...descriptor, configurable: true };
  },
  set: () => false,
  defineProperty: () => false,
  deleteProperty: () => false,
};
