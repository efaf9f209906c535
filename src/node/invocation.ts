/** How the command was started, for commands to type next: npx sets the variable. */
export const COMMAND = process.env.npm_command === 'exec' ? 'npx lstm-webgpu' : 'lstm-webgpu';
