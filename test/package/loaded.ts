/** For node's --import: writes the address of each module that is loaded, one a line, to the file LOADED. */
import { register } from 'node:module';

register('./loaded-hooks.js', import.meta.url);
