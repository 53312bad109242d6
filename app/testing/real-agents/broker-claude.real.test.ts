import { describeBroker } from './broker-basics.ts'

describeBroker('claude')
