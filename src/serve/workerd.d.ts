/** The runtime's package comes without types: as CommonJS, its exports have the path of the program. */
declare module "workerd" {
  const exports: { readonly default: string };
  export default exports;
}
