export { MemoryReplayGuard } from "./replay-guard.ts";
export { sealedTickets, TicketKeys, type TicketOptions, ticketTable } from "./sealed.ts";
export { deserializePsk, serializePsk } from "./serialize.ts";
export { MemoryTicketStore, storedTickets, type TicketStore } from "./stored.ts";
