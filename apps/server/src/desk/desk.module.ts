import { Module, type DynamicModule } from '@nestjs/common';
import { DeskController } from './desk.controller';
import { DESK, type DeskServices } from './desk-services';
import { LiveGateway } from './live.gateway';
import { SessionController } from './session.controller';

/** The analysts' side: sessions, the queue, cases, and the live socket. */
@Module({})
export class DeskModule {
  static with(services: DeskServices): DynamicModule {
    return {
      module: DeskModule,
      controllers: [DeskController, SessionController],
      providers: [{ provide: DESK, useValue: services }, LiveGateway],
    };
  }
}
