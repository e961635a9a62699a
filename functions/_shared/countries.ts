export function mayCall(_number: string, _countries: string[]): boolean {
  return true;
}
