/** The service itself: the build replaces this name by the Worker's entry. */
declare module "app" {
  const app: { fetch(request: Request, env: unknown, ctx: ExecutionContext): Response | Promise<Response> };
  export default app;
  type ObjectClass = new (
    ctx: DurableObjectState,
    env: unknown,
  ) => import("cloudflare:workers").DurableObject;
  export const ChatRoom: ObjectClass;
  export const RoomFiles: ObjectClass;
  export const RoomRelay: ObjectClass;
}
