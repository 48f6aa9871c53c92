// The English of all that arrives with the page. The build leaves it out of the page itself (laterEnglish in
// vite.plugins.ts), and this puts it in; anywhere else it is in already, and this does nothing.
import sharedEnglish from '../../ui/messages.en.ts';
import { shared } from '../../ui/messages.ts';
import { names, titles } from '../../ui/services.en.ts';
import { serviceNames, serviceTitles } from '../../ui/services.ts';
import own from './messages.en.ts';
import { messages } from './messages.ts';

Object.assign(shared.en, sharedEnglish);
Object.assign(serviceNames.en, names);
Object.assign(serviceTitles.en, titles);
Object.assign(messages.en, own);
